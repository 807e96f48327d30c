package dev.weir.filter;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What the module logs while this is open. */
public final class Logged extends Handler implements AutoCloseable {

    private final Logger logger = Logger.getLogger("dev.weir.filter");
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private volatile Consumer<String> onNext = line -> {};

    public Logged() {
        logger.addHandler(this);
    }

    public List<String> lines() {
        return lines;
    }

    long count(String text) {
        return lines.stream().filter(line -> line.contains(text)).count();
    }

    /** @param what happens once, with the next line */
    void onNext(Consumer<String> what) {
        onNext = what;
    }

    @Override
    public void publish(LogRecord record) {
        String line = record.getLevel() + " " + new SimpleFormatter().formatMessage(record);
        Consumer<String> once = onNext;
        onNext = next -> {};
        once.accept(line); // What throws is not logged.
        lines.add(line);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
