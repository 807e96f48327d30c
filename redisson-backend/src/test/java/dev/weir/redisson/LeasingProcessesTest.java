package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.Admissions;
import dev.weir.lease.Leasing;
import dev.weir.limit.TokenBucket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Three virtual machines that lease from one Redis. One is killed, one is stopped for longer than a lease lives and
 * goes on; every permit is counted. All read one monotonic clock, so every interval can be looked at, not only the
 * whole.
 */
@Timeout(120)
class LeasingProcessesTest {

    /** Redis counts by the clock on the wall, which is corrected while the other one runs on. */
    private static final long TWO_CLOCKS = 5;

    private static final class Instance implements AutoCloseable {

        private final Path directory;
        private final Process process;
        private final BufferedReader output;

        Instance(RedisServer redis, Leasing leasing, Path directory) throws IOException {
            this.directory = Files.createDirectory(directory);
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            LeasingProcess.class.getName(),
                            redis.uri(),
                            leasing.name(),
                            directory.toString())
                    .redirectError(directory.resolve("log").toFile())
                    .start();
            output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }

        void expect(String line) throws IOException {
            assertThat(output.readLine())
                    .as(Files.readString(directory.resolve("log")))
                    .isEqualTo(line);
        }

        void next() {
            try {
                process.getOutputStream().write('\n');
                process.getOutputStream().flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void signal(String name) throws IOException, InterruptedException {
            assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                            .start()
                            .waitFor())
                    .isZero();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OFF")
    void oneKilled_oneStopped_neverAboveTheLimit_andMostIsUsed(Leasing leasing, @TempDir Path directory)
            throws IOException, InterruptedException {
        List<Instance> instances = new ArrayList<>();
        try (RedisServer redis = RedisServer.start()) {
            for (int i = 0; i < 3; i++) {
                instances.add(new Instance(redis, leasing, directory.resolve("instance" + i)));
            }
            for (Instance instance : instances) {
                instance.expect("ready");
            }
            long startNanos = System.nanoTime();
            instances.forEach(Instance::next);
            Thread.sleep(1_500); // All three take what they can, and hold leases.
            instances.get(0).signal("KILL");
            Thread.sleep(500); // The two others go on beside the lease of the dead one.
            instances.get(1).signal("STOP");
            Thread.sleep(1_500); // Longer than any lease lives: what the stopped one holds is over when it goes on.
            instances.get(1).signal("CONT");
            Thread.sleep(1_500); // Both again, and the store has forgotten what was stranded.
            long elapsedNanos = System.nanoTime() - startNanos;
            for (Instance instance : instances.subList(1, 3)) {
                instance.next();
                instance.expect("done");
            }

            Admissions hot = permitted(instances, LeasingProcess.HOT);
            Admissions moderate = permitted(instances, LeasingProcess.MODERATE);

            TokenBucket limit = LeasingProcess.LIMIT;
            // All leases together are a tenth of the limit; the one that was stopped holds a part of them.
            long allowed = TWO_CLOCKS + (leasing == Leasing.FAST ? limit.capacity() / 10 : 0);
            assertThat(hot.above(limit)).isLessThanOrEqualTo(allowed);
            assertThat(moderate.above(limit)).isLessThanOrEqualTo(allowed);
            double whole = limit.capacity() + (double) limit.permits() * elapsedNanos / limit.periodMicros() / 1_000;
            // What a machine with few processors leaves to three virtual machines; LeasingStoreTest asks for nearly
            // all.
            assertThat(hot.total()).isGreaterThan((long) (0.6 * whole));
            assertThat(moderate.total()).isGreaterThan(500);
        } finally {
            instances.forEach(Instance::close);
        }
    }

    private static Admissions permitted(List<Instance> instances, String client) {
        Admissions admissions = new Admissions();
        instances.forEach(instance -> LeasingProcess.read(instance.directory, client, admissions));
        return admissions;
    }
}
