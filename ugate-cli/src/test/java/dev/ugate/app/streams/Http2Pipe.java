package dev.ugate.app.streams;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.Callback;

/** A stream of Jetty's HTTP/2, at either end. */
final class Http2Pipe extends InputStream implements Pipe, Stream.Listener {
    private static final int PATIENCE_SECONDS = 20;

    private final CompletableFuture<Integer> status = new CompletableFuture<>();
    /** A permit for everything that a reader may want to look at. */
    private final Semaphore news = new Semaphore(0);

    private volatile Stream stream;
    private volatile String broke = "";
    private ByteBuffer unread = ByteBuffer.allocate(0);
    private boolean ended;

    Http2Pipe on(Stream stream) {
        this.stream = stream;
        return this;
    }

    /** Says yes. */
    void answer(MetaData.Response head) throws IOException {
        within(stream.headers(new HeadersFrame(stream.getId(), head, null, false)));
    }

    /** Waits for the answer's head. */
    int status() throws IOException {
        return within(status);
    }

    static <T> T within(CompletableFuture<T> future) throws IOException {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new SocketTimeoutException("in HTTP/2");
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    @Override
    public void onHeaders(Stream stream, HeadersFrame frame) {
        status.complete(((MetaData.Response) frame.getMetaData()).getStatus());
    }

    @Override
    public void onDataAvailable(Stream stream) {
        news.release();
    }

    @Override
    public void onReset(Stream stream, ResetFrame frame, Callback callback) {
        breaks("reset " + ErrorCode.from(frame.getError()), callback);
    }

    @Override
    public void onFailure(Stream stream, int error, String reason, Throwable failure, Callback callback) {
        breaks(reason + " " + failure, callback);
    }

    private void breaks(String why, Callback callback) {
        broke = why;
        status.completeExceptionally(new IOException(why));
        news.release();
        callback.succeeded();
    }

    @Override
    public InputStream in() {
        return this;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] octets, int from, int length) throws IOException {
        while (!unread.hasRemaining() && length > 0 && !ended) {
            Stream.Data data = stream.readData();
            if (data != null) {
                take(data);
            } else if (!broke.isEmpty()) {
                throw new IOException(broke);
            } else {
                stream.demand();
                await();
            }
        }
        int read = Math.min(length, unread.remaining());
        unread.get(octets, from, read);
        return read == 0 && length > 0 ? -1 : read;
    }

    private void take(Stream.Data data) {
        unread = ByteBuffer.allocate(data.frame().remaining());
        unread.put(data.frame().getByteBuffer()).flip();
        ended = data.frame().isEndStream();
        data.release();
    }

    private void await() throws IOException {
        try {
            if (!news.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new SocketTimeoutException("in HTTP/2");
            }
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    @Override
    public void write(byte[] octets, int from, int length) throws IOException {
        data(ByteBuffer.wrap(octets, from, length), false);
    }

    @Override
    public void end() throws IOException {
        data(ByteBuffer.allocate(0), true);
    }

    private void data(ByteBuffer octets, boolean last) throws IOException {
        within(stream.data(new DataFrame(stream.getId(), octets, last)));
    }

    @Override
    public void reset() {
        broke = "left";
        stream.reset(new ResetFrame(stream.getId(), ErrorCode.CANCEL_STREAM_ERROR.code), Callback.NOOP);
        news.release();
    }

    @Override
    public boolean leave() {
        reset();
        return false;
    }
}
