package dev.weir.redisson;

import dev.weir.OnStoreFailure;
import dev.weir.Policy;
import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.lease.Admissions;
import dev.weir.lease.Leasing;
import dev.weir.limit.Limit;
import dev.weir.limit.TokenBucket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * An instance in a process of its own that makes requests for two clients, from a line on its standard input to the
 * next. Each that is permitted is written to memory that is mapped from a file, so that it counts even if the process
 * is killed.
 */
final class LeasingProcess {

    static final TokenBucket LIMIT = Limit.tokenBucket(2_000, Duration.ofSeconds(1), 4_000);
    static final String HOT = "hot";
    static final String MODERATE = "moderate";

    private static final int MOST = 1 << 17;

    private static volatile boolean isOver;

    private LeasingProcess() {}

    /** @param arguments the Redis, how to lease, and the directory to write to, which has nothing of another process */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Path.of(arguments[2]);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Weir weir = Weir.builder()
                .store(new RedissonStoreProvider().open(Map.of("weir.redisson.uri", arguments[0])))
                .leasing(Leasing.valueOf(arguments[1]))
                .storeDeadline(Duration.ofSeconds(2))
                .policy(Policy.of("search", LIMIT).onStoreFailure(OnStoreFailure.REJECT))
                .build()) {
            RateLimiter limiter = weir.limiter("search");
            limiter.allow("warm-up");
            Thread hot = new Thread(() -> run(limiter, HOT, 100_000, directory));
            Thread moderate = new Thread(() -> run(limiter, MODERATE, 3_000_000, directory));
            System.out.println("ready");
            input.readLine();
            hot.start();
            moderate.start();
            input.readLine();
            isOver = true;
            hot.join();
            moderate.join();
        }
        System.out.println("done");
    }

    private static void run(RateLimiter limiter, String client, long pauseNanos, Path directory) {
        LongBuffer written = map(directory.resolve(client), FileChannel.MapMode.READ_WRITE);
        int count = 0;
        while (!isOver && count < MOST) {
            long beforeNanos = System.nanoTime();
            if (limiter.allow(client)) {
                written.put(2 * count + 1, beforeNanos);
                written.put(2 * count + 2, System.nanoTime());
                written.put(0, ++count);
            }
            LockSupport.parkNanos(pauseNanos);
        }
    }

    /** What was permitted to a client, as its process has written it. */
    static void read(Path directory, String client, Admissions into) {
        LongBuffer written = map(directory.resolve(client), FileChannel.MapMode.READ_ONLY);
        for (int i = 0; i < written.get(0); i++) {
            into.add(written.get(2 * i + 1), written.get(2 * i + 2), 1);
        }
    }

    private static LongBuffer map(Path file, FileChannel.MapMode mode) {
        StandardOpenOption[] options = mode == FileChannel.MapMode.READ_ONLY
                ? new StandardOpenOption[] {StandardOpenOption.READ}
                : new StandardOpenOption[] {
                    StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE
                };
        try (FileChannel channel = FileChannel.open(file, options)) {
            MappedByteBuffer mapped = channel.map(mode, 0, (2L * MOST + 1) * Long.BYTES);
            return mapped.asLongBuffer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
