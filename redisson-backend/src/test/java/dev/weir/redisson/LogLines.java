package dev.weir.redisson;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What the store logs, until it is closed. */
final class LogLines extends Handler implements AutoCloseable {

    private final Logger logger = Logger.getLogger(RedissonStore.class.getName());
    private final List<String> lines = new CopyOnWriteArrayList<>();

    LogLines() {
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord record) {
        lines.add(record.getLevel() + " " + new SimpleFormatter().formatMessage(record));
    }

    List<String> atLeastWarnings() {
        return lines.stream()
                .filter(line -> line.startsWith(Level.WARNING.getName()) || line.startsWith(Level.SEVERE.getName()))
                .toList();
    }

    List<String> all() {
        return lines;
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
    }
}
