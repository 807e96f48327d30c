package dev.weir.filter;

import dev.weir.Weir;
import java.util.function.Supplier;

/** The rate limiter of one web application, with what configuration says about HTTP. Thread-safe. */
public final class RateLimits implements AutoCloseable {

    private final Weir weir;
    private final Supplier<HttpSettings> http;

    RateLimits(Weir weir, Supplier<HttpSettings> http) {
        this.weir = weir;
        this.http = http;
    }

    /** The limiter itself. */
    public Weir weir() {
        return weir;
    }

    /** What configuration says about HTTP now. */
    HttpSettings http() {
        return http.get();
    }

    @Override
    public void close() {
        weir.close();
    }
}
