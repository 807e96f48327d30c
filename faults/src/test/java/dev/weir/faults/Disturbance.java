package dev.weir.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;

/**
 * Something that is changed, or goes wrong, in a {@link Soak}.
 *
 * @param name as the table shows it
 */
record Disturbance(String name, Act act) {

    /** Makes it, and returns when it is over. */
    interface Act {

        /** @param draw a number at random, not negative, which says what of it is made */
        void make(Soak soak, int draw) throws Exception;
    }

    private static final List<String> CHANGED_POLICIES = List.of("fixed", "log", "orders", "plain", "sliding", "split");
    private static final List<String> PLANS = List.of("bronze", "silver", "gold");
    private static final int[] OVERRIDES = {9, 21, 30};

    /** What operators change. They come beside the faults, at any time. */
    static final List<Disturbance> CHANGES = List.of(
            new Disturbance("configuration file", Disturbance::changeFile),
            new Disturbance("plan", Disturbance::changePlan),
            new Disturbance("weight", Disturbance::changeWeight),
            new Disturbance("override", Disturbance::changeOverride),
            new Disturbance("weight in the pool", Disturbance::changeShare),
            new Disturbance("bucket", Disturbance::changeBucket));

    /** What goes wrong, one after the other. */
    static final List<Disturbance> FAULTS = List.of(
            new Disturbance("kill -9 of an instance", (soak, draw) -> soak.replace(draw, Instance::kill)),
            new Disturbance("SIGTERM of an instance", (soak, draw) -> soak.replace(draw, Disturbance::terminate)),
            new Disturbance("kill -9 of Redis", (soak, draw) -> soak.killRedis(1 + draw % 3)),
            new Disturbance("SIGSTOP of Redis, 0.5 s", (soak, draw) -> soak.stopRedis(0.5)));

    private static void terminate(Instance instance) throws InterruptedException {
        assertThat(instance.terminate()).as("exit code").isZero();
    }

    /** Three quarters of the first limit, all of it, or a quarter more: another one than before. */
    private static void changeFile(Soak soak, int draw) throws Exception {
        String policy = CHANGED_POLICIES.get(draw % CHANGED_POLICIES.size());
        int first = SoakTraffic.ofFile().get(policy).get(0).limit();
        List<Integer> others = Stream.of(3, 4, 5)
                .map(quarters -> first * quarters / 4)
                .filter(each -> each != soak.limit(policy))
                .toList();
        soak.rewrite(policy, others.get(draw / CHANGED_POLICIES.size() % others.size()));
    }

    private static void changePlan(Soak soak, int draw) throws Exception {
        int which = draw % (PLANS.size() + 1);
        if (which == PLANS.size()) {
            soak.change(
                    SoakTraffic.PLANNED,
                    SoakTraffic.PLANNED.limit(),
                    "PUT",
                    "policies/custom/clients/planned",
                    "{\"plan\": null}");
        } else {
            String plan = PLANS.get(which);
            soak.change(
                    SoakTraffic.PLANNED,
                    SoakTraffic.PLANS.get(plan),
                    "PUT",
                    "policies/custom/clients/planned",
                    "{\"plan\": \"%s\"}".formatted(plan));
        }
    }

    private static void changeWeight(Soak soak, int draw) throws Exception {
        int weight = 1 + draw % 2;
        soak.change(
                SoakTraffic.WEIGHTED,
                weight * SoakTraffic.WEIGHTED.limit(),
                "PUT",
                "policies/custom/clients/weighted",
                "{\"weight\": %d}".formatted(weight));
    }

    private static void changeOverride(Soak soak, int draw) throws Exception {
        String path = "policies/custom/clients/overridden";
        int which = draw % (OVERRIDES.length + 1);
        if (which == OVERRIDES.length) {
            soak.change(SoakTraffic.OVERRIDDEN, SoakTraffic.OVERRIDDEN.limit(), "DELETE", path, "");
        } else {
            soak.change(
                    SoakTraffic.OVERRIDDEN,
                    OVERRIDES[which],
                    "PUT",
                    path,
                    "{\"limit\": %d, \"periodMillis\": 1000}".formatted(OVERRIDES[which]));
        }
    }

    /** Whatever the weights, all clients together get no more. */
    private static void changeShare(Soak soak, int draw) throws Exception {
        soak.change(
                SoakTraffic.POOL,
                SoakTraffic.POOL.limit(),
                "PUT",
                "policies/search/clients/pool-" + draw % SoakTraffic.POOL.clients(),
                "{\"weight\": %d}".formatted(1 + draw / 3 % 5));
    }

    private static void changeBucket(Soak soak, int draw) throws Exception {
        int rate = 12 + 6 * (draw % 3);
        soak.change(
                SoakTraffic.BUCKET,
                rate,
                "PUT",
                "buckets/bucket",
                "{\"rate\": %d, \"burst\": %d}".formatted(rate, rate));
    }
}
