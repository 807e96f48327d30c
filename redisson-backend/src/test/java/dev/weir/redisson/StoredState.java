package dev.weir.redisson;

import dev.weir.limit.FixedWindowState;
import dev.weir.limit.OutstandingLeases;
import dev.weir.limit.SlidingLogState;
import dev.weir.limit.SlidingLogState.Entry;
import dev.weir.limit.SlidingWindowState;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucketState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.redisson.api.RList;
import org.redisson.api.RType;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.ByteArrayCodec;

/**
 * A state under its key as {@code usage.lua} and {@code sliding-log.lua} say that it is written, read and written apart
 * from them.
 */
record StoredState(RedissonClient redisson, String key) {

    private static final long[] TICKS_MICROS = {1, 1_000, 1_000_000};
    private static final int LOG = 4;

    void write(State state, Random random) {
        redisson.getKeys().delete(key);
        if (state instanceof SlidingLogState log) {
            RList<byte[]> list = redisson.getList(key, ByteArrayCodec.INSTANCE);
            long base = random.nextInt(1 << 30);
            List<byte[]> elements = new ArrayList<>();
            long total = base;
            for (Entry entry : log.entries()) {
                total += entry.cost();
                elements.add(sevens(0, entry.atMicros(), total));
            }
            elements.add(sevens(1, log.periodMicros(), log.atMicros(), base));
            elements.get(elements.size() - 1)[0] = LOG;
            list.addAll(elements);
        } else {
            redisson.getBucket(key, ByteArrayCodec.INSTANCE).set(packed(state));
        }
    }

    State read() {
        RType type = redisson.getKeys().getType(key);
        if (type == null) {
            return null;
        }
        return type == RType.LIST
                ? log(redisson.<byte[]>getList(key, ByteArrayCodec.INSTANCE).readAll())
                : unpacked(
                        redisson.<byte[]>getBucket(key, ByteArrayCodec.INSTANCE).get());
    }

    private static State log(List<byte[]> elements) {
        byte[] tail = elements.get(elements.size() - 1);
        long before = number(tail, 15);
        List<Entry> entries = new ArrayList<>();
        for (byte[] element : elements.subList(0, elements.size() - 1)) {
            entries.add(new Entry(number(element, 0), number(element, 7) - before));
            before = number(element, 7);
        }
        return tail[0] == LOG ? new SlidingLogState(number(tail, 1), entries, number(tail, 8)) : null;
    }

    private static byte[] packed(State state) {
        byte[] bytes;
        if (state instanceof TokenBucketState bucket) {
            OutstandingLeases held = bucket.held();
            bytes = held.isNothing()
                    ? sevens(2, bucket.rate(), bucket.unit(), bucket.used(), bucket.atMicros())
                    : sevens(
                            2,
                            bucket.rate(),
                            bucket.unit(),
                            bucket.used(),
                            bucket.atMicros(),
                            held.current(),
                            held.next(),
                            held.epochEndMicros(),
                            held.closedUntilMicros());
            bytes[0] = 1;
            bytes[1] = tick(bucket.tickMicros());
        } else if (state instanceof FixedWindowState window) {
            bytes = sevens(2, 0, window.periodMicros(), window.used(), window.atMicros());
            bytes[0] = 2;
        } else {
            SlidingWindowState sliding = (SlidingWindowState) state;
            bytes = sevens(2, sliding.previous(), sliding.periodTicks(), sliding.current(), sliding.atMicros());
            bytes[0] = 3;
            bytes[1] = tick(sliding.tickMicros());
        }
        return bytes;
    }

    private static byte tick(long tickMicros) {
        return (byte) (tickMicros == 1 ? 0 : tickMicros == 1_000 ? 1 : 2);
    }

    private static State unpacked(byte[] bytes) {
        long tickMicros = TICKS_MICROS[bytes[1]];
        long first = number(bytes, 2);
        long unit = number(bytes, 9);
        long used = number(bytes, 16);
        long at = number(bytes, 23);
        return switch (bytes[0]) {
            case 1 -> new TokenBucketState(tickMicros, first, unit, used, at, held(bytes));
            case 2 -> new FixedWindowState(unit, used, at);
            default -> new SlidingWindowState(tickMicros, unit, used, first, at);
        };
    }

    private static OutstandingLeases held(byte[] bytes) {
        return bytes.length == 30
                ? new OutstandingLeases(0, 0, 0, 0)
                : new OutstandingLeases(number(bytes, 30), number(bytes, 37), number(bytes, 44), number(bytes, 51));
    }

    /** Numbers of seven bytes each, after a gap. */
    private static byte[] sevens(int gap, long... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(gap + 7 * numbers.length).position(gap);
        for (long number : numbers) {
            bytes.put(ByteBuffer.allocate(8).putLong(number).array(), 1, 7);
        }
        return bytes.array();
    }

    private static long number(byte[] bytes, int at) {
        byte[] eight = new byte[8];
        System.arraycopy(bytes, at, eight, 1, 7);
        return ByteBuffer.wrap(eight).getLong();
    }
}
