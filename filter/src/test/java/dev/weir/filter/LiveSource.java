package dev.weir.filter;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.spi.ConfigSource;

/** A source that changes while the application runs, as a source from a database may. */
class LiveSource implements ConfigSource {

    private final Map<String, String> values = new ConcurrentHashMap<>();
    private final AtomicInteger looks = new AtomicInteger();
    private volatile Runnable failure = () -> {};

    LiveSource set(String key, String value) {
        values.put(key, value);
        return this;
    }

    /** How often it was looked at. */
    int looks() {
        return looks.get();
    }

    Map<String, String> all() {
        return values;
    }

    /** @param how what happens at each look */
    void fail(Runnable how) {
        failure = how;
    }

    @Override
    public Set<String> getPropertyNames() {
        looks.incrementAndGet();
        failure.run();
        return values.keySet();
    }

    @Override
    public String getValue(String key) {
        return values.get(key);
    }

    @Override
    public String getName() {
        return "live";
    }

    @Override
    public int getOrdinal() {
        return 250;
    }
}
