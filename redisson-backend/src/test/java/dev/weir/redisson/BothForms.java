package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * Two stores on one Redis: the user of one may call functions, and that of the other may not, so that it runs scripts.
 * A test takes one of them by chance for each step. So it shows that both answer the same and keep the same, beside
 * what it is about.
 */
final class BothForms implements AutoCloseable {

    private static final String SCRIPTS_ALONE = "scripts";

    private final Function<String[], Object> redis;
    private final Random random;
    private final List<RedissonClient> clients;
    private final List<RedissonStore> stores;
    private final List<ScriptRunner> runners;

    /** @param redis sends a command to the server at an address */
    BothForms(String uri, Function<String[], Object> redis, Random random) {
        this.redis = redis;
        this.random = random;
        this.clients = List.of(client(uri), client(withoutFunctions(uri, redis)));
        this.stores = clients.stream().map(RedissonStore::using).toList();
        this.runners = clients.stream().map(ScriptRunner::new).toList();
    }

    static RedissonClient client(String uri) {
        Config config = new Config();
        config.useSingleServer().setAddress(uri).setConnectionMinimumIdleSize(1);
        return Redisson.create(config);
    }

    /** The address for a user who may do all but call functions. */
    static String withoutFunctions(String uri, Function<String[], Object> redis) {
        redis.apply("ACL SETUSER %s on >secret ~* &* +@all -fcall"
                .formatted(SCRIPTS_ALONE)
                .split(" "));
        return uri.replaceFirst("//(.*@)?", "//" + SCRIPTS_ALONE + ":secret@");
    }

    RedissonClient client() {
        return clients.get(0);
    }

    RedissonStore store() {
        return stores.get(random.nextInt(2));
    }

    ScriptRunner runner() {
        return runners.get(random.nextInt(2));
    }

    @Override
    public void close() {
        stores.forEach(RedissonStore::close);
        clients.forEach(RedissonClient::shutdown);
        assertBothRan(redis);
    }

    /** Functions have run, and scripts have: a call that is refused is none. */
    static void assertBothRan(Function<String[], Object> redis) {
        String used = (String) redis.apply(new String[] {"INFO", "commandstats"});
        assertThat(succeeded(used, "fcall")).isPositive();
        assertThat(succeeded(used, "evalsha")).isPositive();
    }

    private static long succeeded(String commandStats, String command) {
        Matcher line = Pattern.compile("cmdstat_" + command + ":calls=(\\d+),.*failed_calls=(\\d+)")
                .matcher(commandStats);
        return line.find() ? Long.parseLong(line.group(1)) - Long.parseLong(line.group(2)) : 0;
    }
}
