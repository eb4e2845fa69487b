package dev.ugate.app.http;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.Semaphore;

/** A gRPC service of plain bytes, without generated code: every kind of call, failures, and one that never answers. */
final class EchoService implements BindableService {
    static final Metadata.Key<byte[]> DETAIL = Metadata.Key.of("detail-bin", Metadata.BINARY_BYTE_MARSHALLER);
    static final byte[] DETAILS = {0, 1, (byte) 0xff};

    static final MethodDescriptor<byte[], byte[]> UNARY = method("Unary", MethodType.UNARY);
    static final MethodDescriptor<byte[], byte[]> REPEAT = method("Repeat", MethodType.SERVER_STREAMING);
    static final MethodDescriptor<byte[], byte[]> GATHER = method("Gather", MethodType.CLIENT_STREAMING);
    static final MethodDescriptor<byte[], byte[]> CHAT = method("Chat", MethodType.BIDI_STREAMING);
    static final MethodDescriptor<byte[], byte[]> FAIL = method("Fail", MethodType.UNARY);
    static final MethodDescriptor<byte[], byte[]> BREAK = method("Break", MethodType.SERVER_STREAMING);
    static final MethodDescriptor<byte[], byte[]> HANG = method("Hang", MethodType.UNARY);
    static final MethodDescriptor<byte[], byte[]> UNKNOWN = method("Unknown", MethodType.UNARY);

    /** A permit for each call that its client gave up. */
    final Semaphore cancelled = new Semaphore(0);

    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        MARSHALLER;

        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName("ugate.Echo", name))
                .setRequestMarshaller(Bytes.MARSHALLER)
                .setResponseMarshaller(Bytes.MARSHALLER)
                .build();
    }

    static Status failure() {
        return Status.FAILED_PRECONDITION.withDescription("not today: 100 % sure");
    }

    private static RuntimeException failed() {
        Metadata trailers = new Metadata();
        trailers.put(DETAIL, DETAILS);
        return failure().asRuntimeException(trailers);
    }

    @Override
    public ServerServiceDefinition bindService() {
        return ServerServiceDefinition.builder("ugate.Echo")
                .addMethod(UNARY, ServerCalls.asyncUnaryCall((asked, answer) -> {
                    answer.onNext(asked);
                    answer.onCompleted();
                }))
                .addMethod(REPEAT, ServerCalls.asyncServerStreamingCall((asked, answer) -> {
                    for (int i = 0; i < 100; i++) {
                        answer.onNext(asked);
                    }
                    answer.onCompleted();
                }))
                .addMethod(GATHER, ServerCalls.asyncClientStreamingCall(Gathering::new))
                .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(this::chat))
                .addMethod(FAIL, ServerCalls.asyncUnaryCall((asked, answer) -> answer.onError(failed())))
                .addMethod(BREAK, ServerCalls.asyncServerStreamingCall((asked, answer) -> {
                    answer.onNext(asked);
                    answer.onNext(asked);
                    answer.onError(failed());
                }))
                .addMethod(HANG, ServerCalls.asyncUnaryCall((asked, answer) -> watched(answer)))
                .build();
    }

    private void watched(StreamObserver<byte[]> answer) {
        ((ServerCallStreamObserver<byte[]>) answer).setOnCancelHandler(cancelled::release);
    }

    private StreamObserver<byte[]> chat(StreamObserver<byte[]> answer) {
        watched(answer);
        return new StreamObserver<>() {
            @Override
            public void onNext(byte[] said) {
                answer.onNext(said);
            }

            @Override
            public void onError(Throwable ended) {
                // The handler of cancellation counted it.
            }

            @Override
            public void onCompleted() {
                answer.onCompleted();
            }
        };
    }

    /** Answers with the number of bytes that came. */
    private static final class Gathering implements StreamObserver<byte[]> {
        private final StreamObserver<byte[]> answer;
        private long bytes;

        Gathering(StreamObserver<byte[]> answer) {
            this.answer = answer;
        }

        @Override
        public void onNext(byte[] said) {
            bytes += said.length;
        }

        @Override
        public void onError(Throwable ended) {
            answer.onError(ended);
        }

        @Override
        public void onCompleted() {
            answer.onNext(Long.toString(bytes).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            answer.onCompleted();
        }
    }
}
