package dev.weir.stacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What is tried on a stack, in this order. Each is a column of the table. */
enum Check {
    /** Two instances start, and their open path answers. */
    STARTS("starts") {
        @Override
        void run(Trial trial) throws Exception {
            trial.start();
        }
    },

    /** As many requests as the limit are let through, and the next ones are rejected. */
    EXACT("exactly the limit") {
        @Override
        void run(Trial trial) throws Exception {
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < Trial.LIMIT + 3; i++) {
                statuses.add(trial.get("exact").statusCode());
            }
            assertThat(statuses.subList(0, Trial.LIMIT)).containsOnly(200);
            assertThat(statuses.subList(Trial.LIMIT, statuses.size())).containsOnly(429);
            assertThat(trial.getOpen("exact").statusCode()).isEqualTo(200);
        }
    },

    /** A rejection says what the limit is and when to come again; a response that passes says what is left. */
    HEADERS("429 with headers") {
        @Override
        void run(Trial trial) throws Exception {
            HttpResponse<String> first = trial.get("headers");
            assertThat(first.body()).isEqualTo("found");
            assertThat(remaining(first)).isEqualTo(Trial.LIMIT - 1);
            for (int i = 1; i < Trial.LIMIT; i++) {
                trial.get("headers");
            }

            HttpResponse<String> rejected = trial.get("headers");

            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.headers().allValues("RateLimit-Policy")).containsExactly("\"search\";q=6;w=3600");
            assertThat(remaining(rejected)).isZero();
            // A permit of six an hour comes free in ten minutes.
            assertThat(rejected.headers().firstValueAsLong("Retry-After").orElseThrow())
                    .isBetween(500L, 600L);
            assertThat(rejected.headers().firstValue("Content-Type"))
                    .get()
                    .asString()
                    .startsWith("application/problem+json");
            assertThat(rejected.body()).contains("\"violated-policies\":[\"search\"]");
        }
    },

    /** A request that is forwarded to another limited path is charged once. */
    FORWARD("one charge: FORWARD") {
        @Override
        void run(Trial trial) throws Exception {
            chargesOnce(trial, "forward", 200);
        }
    },

    /** A request that goes on in another thread, and in an ASYNC dispatch if the stack has them, is charged once. */
    ASYNC("ASYNC") {
        @Override
        void run(Trial trial) throws Exception {
            chargesOnce(trial, "async", 200);
        }
    },

    /** A request that fails, with an error page that is limited too, is charged once. */
    ERROR("ERROR") {
        @Override
        void run(Trial trial) throws Exception {
            chargesOnce(trial, "error", 500);
        }
    },

    /** Two instances on one Redis let the limit through together. */
    SHARED("limit shared over Redis") {
        @Override
        void run(Trial trial) throws Exception {
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < Trial.LIMIT; i++) {
                statuses.add(trial.get("shared").statusCode());
                statuses.add(trial.getFromOther("shared").statusCode());
            }
            assertThat(statuses.subList(0, Trial.LIMIT)).containsOnly(200);
            assertThat(statuses.subList(Trial.LIMIT, statuses.size())).containsOnly(429);
        }
    },

    /** A limiter that CDI injects is the one that the annotation charges. */
    INJECTED("injected limiter") {
        @Override
        void run(Trial trial) throws Exception {
            int before = remaining(trial.get("injected"));

            assertThat(trial.getInjected("injected").body()).isEqualTo(Integer.toString(before - 1));

            assertThat(remaining(trial.get("injected"))).isEqualTo(before - 2);
        }
    },

    /** A limit that is changed in the file that is watched holds within seconds. */
    RELOAD("reload") {
        @Override
        void run(Trial trial) throws Exception {
            trial.setLimit(60);
            awaitPolicy(trial, "\"search\";q=60;w=3600", Duration.ofSeconds(10));
            for (int i = 0; i < Trial.LIMIT + 1; i++) {
                assertThat(trial.get("reload").statusCode()).isEqualTo(200);
            }
        }
    },

    /** With {@code at-limit=delay}, a request above the limit is answered when its permit comes free. */
    DELAY("delay") {
        @Override
        void run(Trial trial) throws Exception {
            trial.delay();
            awaitPolicy(trial, "\"search\";q=2;w=4", SLOWEST_RELOAD);
            assertThat(trial.get("patient").statusCode()).isEqualTo(200);
            assertThat(trial.get("patient").statusCode()).isEqualTo(200);
            long start = System.nanoTime();

            assertThat(trial.get("patient").statusCode()).isEqualTo(200);

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
        }
    },

    /** Wrong tokens at the admin resource are limited by the address that they come from, as a trusted proxy says. */
    ADMIN("admin: guesses by address") {
        @Override
        void run(Trial trial) throws Exception {
            for (int i = 0; i < 10; i++) {
                assertThat(trial.askAdmin("192.0.2.1", "wrong").statusCode()).isEqualTo(401);
            }
            assertThat(trial.askAdmin("192.0.2.1", Trial.TOKEN).statusCode()).isEqualTo(429);
            assertThat(trial.askAdmin("192.0.2.2", Trial.TOKEN).statusCode()).isEqualTo(200);
        }
    },

    /** Neither instance has logged a warning of Weir's: a Redis that is well, and a configuration that is right. */
    QUIET("no warnings") {
        @Override
        void run(Trial trial) {
            assertThat(trial.warnings()).isEmpty();
        }
    },

    /** Both instances end when they are asked to, and no thread of Weir's is left to the server. */
    STOPS("stops") {
        @Override
        void run(Trial trial) throws Exception {
            trial.stop();
            assertThat(trial.lines()).noneMatch(line -> line.contains("has failed to stop it"));
        }
    };

    /** Payara remembers what it has read for a minute. */
    private static final Duration SLOWEST_RELOAD = Duration.ofSeconds(90);

    private final String title;

    Check(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    abstract void run(Trial trial) throws Exception;

    private static void chargesOnce(Trial trial, String dispatch, int status) throws Exception {
        int before = remaining(trial.get(dispatch));

        assertThat(trial.get(dispatch, "/" + dispatch).statusCode()).isEqualTo(status);

        assertThat(remaining(trial.get(dispatch))).isEqualTo(before - 2);
    }

    private static void awaitPolicy(Trial trial, String policy, Duration atMost) {
        await().atMost(atMost)
                .until(() -> trial.get("observer").headers().allValues("RateLimit-Policy"), List.of(policy)::equals);
    }

    /** What the response's only RateLimit field says is left. */
    private static int remaining(HttpResponse<String> response) {
        List<String> fields = response.headers().allValues("RateLimit");
        assertThat(fields).singleElement().asString().matches("\"search\";r=\\d+;t=\\d+");
        return Integer.parseInt(fields.get(0).replaceAll(".*;r=(\\d+);.*", "$1"));
    }
}
