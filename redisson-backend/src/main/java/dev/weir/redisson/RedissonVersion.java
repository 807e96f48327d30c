package dev.weir.redisson;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;

/** Which Redisson is on the class path, and whether it is one that the store can work with. */
final class RedissonVersion {

    private static final int MAJOR = 3;
    private static final int MINOR = 52;
    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,5})\\.(\\d{1,5})(\\D.*)?");

    private RedissonVersion() {}

    /**
     * Refuses a Redisson that is too old: it would fail at some call later, and the instance would limit by itself.
     *
     * @throws IllegalArgumentException naming the version that was found and the one that is needed
     */
    static void require() {
        String found = found();
        if (found != null && isTooOld(found)) {
            throw refused(found, null);
        }
    }

    /** In a jar of the application's own making, a library has no version: then it shows when it is first used. */
    static IllegalArgumentException unfit(LinkageError missing) {
        String found = found();
        return refused(found == null ? "of an unknown version" : found, missing);
    }

    /** Whether a version is older than the oldest that the store is tested with; not if it has no numbers. */
    static boolean isTooOld(String version) {
        Matcher numbers = NUMBERS.matcher(version);
        if (!numbers.matches()) {
            return false;
        }
        int major = Integer.parseInt(numbers.group(1));
        return major < MAJOR || major == MAJOR && Integer.parseInt(numbers.group(2)) < MINOR;
    }

    private static @Nullable String found() {
        return RedissonClient.class.getPackage().getImplementationVersion();
    }

    private static IllegalArgumentException refused(String found, @Nullable LinkageError missing) {
        return new IllegalArgumentException(
                "weir.store=redisson needs Redisson %d.%d.0 or later, 3.x or 4.x, but the one on the class path is %s%s"
                        .formatted(MAJOR, MINOR, found, missing == null ? "" : " (" + missing + ")"),
                missing);
    }
}
