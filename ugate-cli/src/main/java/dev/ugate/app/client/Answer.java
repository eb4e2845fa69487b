package dev.ugate.app.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A response whose body the handler of the request made. */
record Answer<T>(
        HttpRequest request,
        int statusCode,
        HttpHeaders headers,
        @Nullable T body) implements HttpResponse<T>, HttpResponse.ResponseInfo {
    /** The same with its body. */
    <U> Answer<U> with(@Nullable U made) {
        return new Answer<>(request, statusCode, headers, made);
    }

    @Override
    public Optional<HttpResponse<T>> previousResponse() {
        return Optional.empty();
    }

    @Override
    public Optional<SSLSession> sslSession() {
        return Optional.empty();
    }

    @Override
    public URI uri() {
        return request.uri();
    }

    @Override
    public HttpClient.Version version() {
        return HttpClient.Version.HTTP_1_1;
    }
}
