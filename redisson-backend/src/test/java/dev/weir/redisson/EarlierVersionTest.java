package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * In a rolling update, instances of two versions decide on the same keys. So what an earlier version wrote is decided
 * on as it decided, and what this version writes is what it would have written, to the last byte: it reads that.
 *
 * <p>{@code wire-format.txt} has what {@link WireFormat} left when that version ran it, and its answers. With the first
 * release, that version writes it anew; a change that needs another one breaks rolling updates, and needs a way for
 * them first.
 */
class EarlierVersionTest {

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private static GivenTimeStore store;

    @BeforeAll
    static void open() {
        store = GivenTimeStore.ofBothForms(redis.uri(), redis::send);
    }

    @AfterAll
    static void close() {
        store.close();
    }

    @Test
    void whatItWrote_isDecidedOnAsItDecided() throws IOException {
        WireFormat.load(redis::send, earlier(EarlierVersionTest::isKey));

        assertThat(new WireFormat(store).read()).isEqualTo(earlier(line -> !isKey(line)));
    }

    @Test
    void whatIsWritten_isWhatItWrote() throws IOException {
        new WireFormat(store).write();

        assertThat(withoutVersions(WireFormat.save(redis::send)))
                .isEqualTo(withoutVersions(earlier(EarlierVersionTest::isKey)));
    }

    private static List<String> earlier(Predicate<String> which) throws IOException {
        try (InputStream file = EarlierVersionTest.class.getResourceAsStream("/wire-format.txt")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .filter(which)
                    .toList();
        }
    }

    private static boolean isKey(String line) {
        return line.contains(" weir:");
    }

    /** The version of what was set at run time is when that was: 16 digits and a space. */
    private static List<String> withoutVersions(List<String> lines) {
        return lines.stream()
                .map(line -> line.startsWith("HSET") ? line.replaceAll("(3\\d){16}20", "") : line)
                .toList();
    }
}
