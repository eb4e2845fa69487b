package dev.ugate.protocols.ssh.program;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.protocols.ssh.channel.SshChannel;
import dev.ugate.protocols.ssh.wire.Wire;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A program that a session runs (RFC 4254 §6.5): what the guest says is its input, both of its outputs go to the guest, and it does not
 * outlive the channel. Lives on the connection's loop; whatever may wait is done elsewhere.
 */
public final class Command {
    private static final Logger LOG = LoggerFactory.getLogger(Command.class);

    /** What shells say of a program that cannot be run. */
    private static final int NOT_RUN = 127;

    private static final int OUTPUTS_AND_EXIT = 3;
    private static final long GRACE_SECONDS = 5;

    private final SshChannel channel;
    private final Commands commands;
    private final Order order;
    private final Consumer<Refused> told;
    private final EventLoop loop;
    private @Nullable Process process;
    private @Nullable Future<?> deadline;
    private final Outcome outcome = new Outcome();

    /** What it comes to, as far as that is known. */
    private static final class Outcome {
        private Optional<String> signal = Optional.empty();
        private int status;
        private int pending = OUTPUTS_AND_EXIT;
        private boolean exited;
    }

    private Command(SshChannel channel, Commands commands, Order order, Consumer<Refused> told) {
        this.told = told;
        this.channel = channel;
        this.commands = commands;
        this.order = order;
        this.loop = channel.engine().loop();
    }

    /** Runs it for at most {@code most}, else {@code told} hears of it; it was counted as begun. */
    public static Command run(
            SshChannel channel, Commands commands, Order order, Duration most, Consumer<Refused> told) {
        Command command = new Command(channel, commands, order, told);
        command.deadline = command.loop.schedule(() -> command.late(most), most.toMillis(), TimeUnit.MILLISECONDS);
        channel.child().closeFuture().addListener(closed -> {
            command.kill("HUP");
            command.unheard();
        });
        commands.threads().execute(command::start);
        return command;
    }

    private void start() {
        try {
            Process made = order.process().start();
            LOG.atInfo().addKeyValue("program", order.line().get(0)).log("ssh command begins");
            made.onExit().thenAccept(done -> {
                int code = done.exitValue();
                loop.execute(() -> {
                    outcome.status = code;
                    outcome.exited = true;
                    oneLess();
                    unheard();
                });
            });
            loop.execute(() -> started(made));
        } catch (IOException | RuntimeException e) {
            LOG.atWarn()
                    .addKeyValue("program", order.line().get(0))
                    .addKeyValue("error", e.getMessage())
                    .log("ssh command not run");
            loop.execute(this::failed);
        }
    }

    private void late(Duration most) {
        told.accept(Refused.because(Refusal.OVERLOADED, "limit sshCommandTime: runs for " + most.toSeconds() + "s"));
        kill("TERM");
    }

    private void started(Process made) {
        process = made;
        if (!channel.child().isOpen()) {
            kill("HUP");
        }
        Output.pump(made.getInputStream(), channel.child(), commands.threads(), this::oneLess);
        Output.pump(made.getErrorStream(), channel.errors(), commands.threads(), this::oneLess);
        Input.pump(channel.child(), made.getOutputStream(), commands.threads());
    }

    private void failed() {
        outcome.pending = 0;
        outcome.status = NOT_RUN;
        commands.end();
        Channel errors = channel.errors();
        errors.writeAndFlush(ByteBufUtil.writeUtf8(errors.alloc(), "ssh: the command of this session cannot be run\n"))
                .addListener(written -> end());
    }

    /** One of its outputs ended, or the program did. */
    private void oneLess() {
        if (outcome.pending > 0 && --outcome.pending == 0) {
            over();
        }
    }

    /** Of a program that is gone nobody waits for outputs that others keep open, once nobody is there to hear them. */
    private void unheard() {
        if (outcome.exited && outcome.pending > 0 && !channel.child().isOpen()) {
            outcome.pending = 0;
            over();
        }
    }

    private void over() {
        commands.end();
        LOG.atInfo()
                .addKeyValue("program", order.line().get(0))
                .addKeyValue("status", outcome.status)
                .log("ssh command ended");
        end();
    }

    private void end() {
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (outcome.signal.isPresent()) {
            String name = outcome.signal.get();
            channel.tell("exit-signal", 16 + name.length(), out -> {
                Wire.string(out, name);
                Wire.bool(out, false);
                Wire.string(out, "");
                Wire.string(out, "");
            });
        } else {
            channel.tell("exit-status", 4, out -> out.writeInt(outcome.status));
        }
        Channel child = channel.child();
        child.writeAndFlush(Fin.FIN).addListener(said -> child.close());
    }

    /** Ends it and what it began: asks first, and does not ask after a while. {@code why} is what the guest is told, where it still hears. */
    public void kill(String why) {
        Process victim = process;
        if (victim == null || outcome.pending == 0 || outcome.signal.isPresent()) {
            return;
        }
        outcome.signal = Optional.of(why);
        commands.threads().execute(() -> {
            ProcessHandle[] all = victim.descendants().toArray(ProcessHandle[]::new);
            for (ProcessHandle each : all) {
                each.destroy();
            }
            victim.destroy();
            try {
                loop.schedule(
                        () -> commands.threads().execute(() -> kill(victim, all)), GRACE_SECONDS, TimeUnit.SECONDS);
            } catch (RejectedExecutionException leaving) {
                kill(victim, all);
            }
        });
    }

    private static void kill(Process victim, ProcessHandle[] others) {
        for (ProcessHandle each : others) {
            each.destroyForcibly();
        }
        victim.destroyForcibly();
    }
}
