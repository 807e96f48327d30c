package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.lease.Leasing;
import dev.weir.lease.LeasingStore;
import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.TokenBucket;
import dev.weir.limit.TokenBucketState;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.LeasableStore;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.Overrides;
import dev.weir.store.Scheduler;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What becomes of leases and of remembered refusals when limits are changed, and while a request is under way. The
 * store's clock stands still: nothing refills.
 */
class LeaseChangesTest {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    private static final TokenBucket THOUSAND = Limit.tokenBucket(1_000, TEN_SECONDS);
    private static final String CLIENT = "alice";

    private final VirtualScheduler time = new VirtualScheduler();
    private final MemoryStore memory = new MemoryStore(() -> 1_700_000_000_000_000L);
    private final LeasableStore store = new LeasableStore(2, memory);
    private final List<Weir> weirs = new ArrayList<>();
    private final Map<String, LeaseUse> uses = new ConcurrentHashMap<>();

    @AfterEach
    void close() {
        weirs.forEach(Weir::close);
        memory.close();
    }

    private Weir weir(Policy... policies) {
        return weir(Leasing.FAST, policies);
    }

    private Weir weir(Leasing leasing, Policy... policies) {
        return weir(leasing, time, policies);
    }

    private Weir weir(Leasing leasing, Scheduler scheduler, Policy... policies) {
        Weir weir = Weir.builder()
                .store(store)
                .scheduler(scheduler)
                .leasing(leasing)
                .policies(List.of(policies))
                .storeDeadline(Duration.ofMinutes(1))
                .listener(new LimiterListener() {
                    @Override
                    public void onLeaseUse(String policy, LeaseUse use) {
                        uses.merge(policy, use, LeaseUse::plus);
                    }
                })
                .build();
        weirs.add(weir);
        return weir;
    }

    private static Policy policy(String name, Limit limit) {
        return Policy.of(name, limit).onStoreFailure(OnStoreFailure.REJECT);
    }

    private static Policy search(Limit limit) {
        return policy("search", limit);
    }

    private void use(Weir weir, int requests) {
        for (int i = 0; i < requests; i++) {
            assertThat(weir.limiter("search").allow(CLIENT)).isTrue();
            time.advance(0); // A refill may be due.
        }
    }

    private long held(String id, String usage) {
        return memory.state(id, usage) instanceof TokenBucketState bucket
                ? bucket.held().permits()
                : 0;
    }

    private long held() {
        return held(CLIENT, "search");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void override_setHere_holdsAtOnce_andTheLeaseIsGivenBack(boolean isFar) {
        far(isFar);
        Weir weir = weir(search(THOUSAND));
        use(weir, 100);
        assertThat(held()).isPositive();

        weir.limits().setRate("search", CLIENT, 2_000, TEN_SECONDS);

        Decision first = weir.limiter("search").tryAcquire(CLIENT);
        assertThat(first.limit().permits()).isEqualTo(2_000);
        assertThat(first.remaining()).isBetween(899L, 1_899L);
        assertThat(held()).isZero();
        assertThat(weir.limiter("search").allow(CLIENT, 899)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void reconfigure_holdsAtOnce_andTheLeaseIsGivenBack(boolean isFar) {
        far(isFar);
        Weir weir = weir(search(THOUSAND));
        use(weir, 100);
        assertThat(held()).isPositive();

        weir.reconfigure(List.of(search(Limit.tokenBucket(500, TEN_SECONDS))));

        Decision first = weir.limiter("search").tryAcquire(CLIENT);
        assertThat(first.limit().permits()).isEqualTo(500);
        assertThat(held()).isZero();
        assertThat(weir.limiter("search").allow(CLIENT, 399)).isTrue();
        assertThat(weir.limiter("search").allow(CLIENT)).isFalse();
    }

    @Test
    void override_announced_holdsAtOnceElsewhere() {
        Weir here = weir(search(THOUSAND));
        Weir elsewhere = weir(search(THOUSAND));
        use(elsewhere, 100);
        assertThat(held()).isPositive();

        here.limits().setRate("search", CLIENT, 2, Duration.ofHours(1));

        Decision next = elsewhere.limiter("search").tryAcquire(CLIENT);
        assertThat(next.limit()).isEqualTo(Limit.tokenBucket(2, Duration.ofHours(1)));
        assertThat(next.permitted()).isFalse();
        assertThat(held()).as("the lease is given back").isZero();
    }

    @Test
    void override_announced_whatWasRefusedElsewhereIsAskedAgain() {
        Weir here = weir(search(THOUSAND));
        Weir elsewhere = weir(search(THOUSAND));
        assertThat(here.limiter("search").allow(CLIENT, 1_000)).isTrue();
        assertThat(elsewhere.limiter("search").allow(CLIENT, 30)).isFalse();

        here.limits().setRate("search", CLIENT, 2_000, TEN_SECONDS);

        assertThat(elsewhere.limiter("search").allow(CLIENT, 30)).isTrue();
    }

    @Test
    void bucket_deletedAndAnnounced_isGoneAtOnceElsewhere() {
        Weir here = weir();
        Weir elsewhere = weir();
        here.limits().createBucket("tenant-7", 1_000, 1_000);
        for (int i = 0; i < 100; i++) {
            assertThat(elsewhere.bucket("tenant-7").allow()).isTrue();
        }
        assertThat(held("tenant-7", Overrides.BUCKET)).isPositive();

        here.limits().deleteBucket("tenant-7");

        assertThatThrownBy(() -> elsewhere.bucket("tenant-7").allow()).isInstanceOf(UnknownBucketException.class);
    }

    /** A shared store states what is set for a pool's member only when it is asked for that, which is now and then. */
    @Test
    void weightInAPool_announced_holdsAtOnceElsewhere() {
        Pool pool = new Pool("backend", new Rate(10_000, Duration.ofSeconds(1), 1_000));
        Policy shared = Policy.sharing("search", pool);
        Weir here = weir(shared);
        Weir elsewhere = weir(shared);
        use(elsewhere, 1);
        assertThat(elsewhere
                        .decider()
                        .claims(CLIENT, List.of(new PolicyCost("search", 1)))
                        .get(0)
                        .weight())
                .isEqualTo(1);

        here.limits().setWeight("search", CLIENT, 3);
        use(elsewhere, 1);

        assertThat(elsewhere
                        .decider()
                        .claims(CLIENT, List.of(new PolicyCost("search", 1)))
                        .get(0)
                        .weight())
                .isEqualTo(3);
    }

    /** Which changes there were is not known then. */
    @Test
    void announcementsMayBeLost_everythingIsAskedAgain() {
        Weir here = weir(search(THOUSAND));
        store.announces = false;
        // Time stands still: the lease neither ends nor is renewed before it is looked at.
        Weir elsewhere = weir(search(THOUSAND));
        use(elsewhere, 100);
        here.limits().setRate("search", CLIENT, 2_000, TEN_SECONDS);
        assertThat(elsewhere.limiter("search").tryAcquire(CLIENT).limit())
                .as("from the lease")
                .isEqualTo(THOUSAND);

        store.announceGap();

        assertThat(elsewhere.limiter("search").tryAcquire(CLIENT).limit().permits())
                .isEqualTo(2_000);
    }

    @Test
    void announcementsMayBeLost_nothingHasChanged_leaseGoesOn() {
        Weir weir = weir(search(THOUSAND));
        use(weir, 100);
        long calls = store.calls.get();

        store.announceGap();
        use(weir, 10);

        assertThat(held()).isPositive();
        assertThat(store.calls.get() - calls)
                .as("one asks what is in force, another may renew")
                .isBetween(1L, 2L);
    }

    /**
     * The answer is from before the change, and comes after it was announced; nothing was known of the client until
     * then.
     */
    @Test
    void refusalFromBeforeAnAnnouncement_ofAClientNotKnownHere_isNotRemembered() {
        Weir here = weir(search(THOUSAND));
        Weir elsewhere = weir(search(THOUSAND));
        long before = store.calls.get();
        assertThat(here.limiter("search").allow(CLIENT, 1_000)).isTrue();
        store.meanwhile = () -> {
            store.meanwhile = () -> {};
            time.advance(1);
            here.limits().setRate("search", CLIENT, 2_000, TEN_SECONDS);
        };
        assertThat(elsewhere.limiter("search").allow(CLIENT, 30)).isFalse();
        assertThat(store.calls.get() - before).isEqualTo(2);

        assertThat(elsewhere.limiter("search").allow(CLIENT, 30)).isTrue();
    }

    @Test
    void reload_withTheSameNumbers_disturbsNothing() {
        // Time stands still: no lease is renewed in the background meanwhile.
        Weir weir = weir(search(THOUSAND), policy("other", THOUSAND));
        use(weir, 100);
        long held = held();
        long calls = store.calls.get();

        weir.reconfigure(List.of(
                search(Limit.tokenBucket(1_000, TEN_SECONDS)), policy("other", Limit.tokenBucket(500, TEN_SECONDS))));
        use(weir, 1);

        assertThat(store.calls.get()).isEqualTo(calls);
        assertThat(held()).isEqualTo(held).isPositive();
        weir.close();
        assertThat(held()).isZero();
        assertThat(uses.get("search").leased())
                .isEqualTo(uses.get("search").spent() + uses.get("search").returned());
    }

    /** No instance learns what is in force for the client now; and the others need not wait for the lease's end. */
    @Test
    void reload_withOtherNumbers_noRequestFollows_leaseIsGivenBack() {
        Weir weir = weir(search(THOUSAND));
        use(weir, 100);
        assertThat(held()).isPositive();

        weir.reconfigure(List.of(search(Limit.tokenBucket(2_000, TEN_SECONDS))));

        time.advance(TimeUnit.MILLISECONDS.toNanos(150));
        assertThat(held()).isZero();
        assertThat(memory.state(CLIENT, "search").permitsUsed(0)).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void reload_withOtherNumbers_close_givesBack(boolean isAsking) {
        Weir weir = weir(search(THOUSAND));
        use(weir, 100);
        if (isAsking) {
            weir.limiter("search").allow(CLIENT, 50); // More than is here: what it brings is given back as well.
        }

        weir.reconfigure(List.of(search(Limit.tokenBucket(2_000, TEN_SECONDS))));
        weir.close();

        assertThat(held()).isZero();
    }

    /** The store alone has too little for it; the rest is leased here. */
    @Test
    void twoPolicies_aRequestOfBoth_isNotRefusedForWhatIsLeasedHere() {
        Weir weir = weir(search(THOUSAND), policy("other", THOUSAND));
        int used = 0;
        while (used < 200 || held() == 0) {
            use(weir, 1);
            used++;
        }
        int left = 1_000 - used;
        List<PolicyCost> both = List.of(new PolicyCost("other", 1), new PolicyCost("search", left));
        List<PolicyCost> tooMuch = List.of(new PolicyCost("other", 1), new PolicyCost("search", left + 1));

        assertThat(weir.tryAcquire(CLIENT, tooMuch).permitted()).isFalse();
        assertThat(weir.tryAcquire(CLIENT, both).permitted()).isTrue();
        assertThat(weir.tryAcquire(CLIENT, both).permitted()).isFalse();
    }

    @Test
    void bucketBesideAPolicy_isNotRefusedForWhatIsLeasedHere() {
        Weir weir = weir(search(THOUSAND));
        weir.limits().createBucket("tenant-7", 1_000, 1_000);
        int used = 0;
        while (used < 200 || held() == 0) {
            use(weir, 1);
            used++;
        }
        Decisions decisions = weir.tryAcquire(
                CLIENT, List.of(new PolicyCost("search", 1_000 - used)), List.of(new BucketCost("tenant-7", 1)));

        assertThat(decisions.permitted()).as("after %d: %s", used, decisions).isTrue();
    }

    /** When a lease that is on its way back to the store arrives there. */
    enum Arrival {
        BEFORE_THE_REFUSAL_IS_HERE,
        AFTER_IT
    }

    static Stream<Arguments> waysBack() {
        return Stream.of(Arrival.values())
                .flatMap(arrival -> Stream.of(false, true)
                        .flatMap(isOfTwoPolicies ->
                                Stream.of(false, true).map(isFar -> Arguments.of(arrival, isOfTwoPolicies, isFar))));
    }

    private void far(boolean isFar) {
        store.far = isFar ? time : null;
    }

    /** An unused lease is on its way back when the store decides on a request that needs it. */
    @ParameterizedTest
    @MethodSource("waysBack")
    void leaseIsOnItsWayBack_requestIsNotRefusedForIt(Arrival arrival, boolean isOfTwoPolicies, boolean isFar) {
        far(isFar);
        Weir weir = weir(search(THOUSAND), policy("other", THOUSAND));
        use(weir, 200);
        holdBackTheReturn();
        store.meanwhile = arrival == Arrival.AFTER_IT ? () -> returnArrivesAfter(1_000_000) : this::returnArrives;

        List<PolicyCost> all = new ArrayList<>(List.of(new PolicyCost("search", 800)));
        if (isOfTwoPolicies) {
            all.add(new PolicyCost("other", 1));
        }
        assertThat(weir.tryAcquire(CLIENT, all).permitted()).isTrue();
        assertThat(weir.limiter("search").allow(CLIENT)).isFalse();
    }

    /** An unused lease is given back, and does not arrive. */
    private void holdBackTheReturn() {
        time.advance(1_000_000); // A refill may be due.
        long calls = store.calls.get();
        store.returnsArrive = new CompletableFuture<>();
        time.advance(TimeUnit.MILLISECONDS.toNanos(150));
        assertThat(store.calls).as("a return").hasValue(calls + 1);
        assertThat(held()).isPositive();
    }

    /** And then some time passes. */
    private void returnArrives() {
        store.returnsArrive.complete(null);
        time.advance(10_000);
    }

    private void returnArrivesAfter(long nanos) {
        time.worker("network", 1).schedule(() -> store.returnsArrive.complete(null), nanos, TimeUnit.NANOSECONDS);
    }

    /** The first waits for ten milliseconds, and is refused; what it has learnt holds no longer than the return. */
    @Test
    void leaseIsOnItsWayBackForLong_refusalIsNotRemembered() {
        Weir weir = weir(search(THOUSAND));
        use(weir, 200);
        holdBackTheReturn();
        returnArrivesAfter(TimeUnit.MILLISECONDS.toNanos(15));

        assertThat(weir.limiter("search").allow(CLIENT, 800)).isFalse();
        assertThat(weir.limiter("search").allow(CLIENT, 800)).isTrue();
    }

    /** Or every lease that was ever lost would be looked after for ever, and each refusal would wait for it. */
    @Test
    void returnIsNeverAnswered_isGivenUp() {
        Weir weir = weir(search(THOUSAND));
        use(weir, 200);
        holdBackTheReturn();
        time.advance(TimeUnit.SECONDS.toNanos(2));
        long fromNanos = time.nanoTime();

        assertThat(weir.limiter("search").allow(CLIENT, 801)).isFalse();
        assertThat(time.nanoTime() - fromNanos).isZero();
    }

    /** By an announcement, so that the limit in force is not known; and a request of two policies does not learn it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leaseIsSetAside_requestOfTwoPoliciesIsNotRefusedForIt(boolean isFar) {
        far(isFar);
        Weir weir = weir(search(THOUSAND), policy("other", THOUSAND));
        use(weir, 200);
        assertThat(held()).isPositive();
        store.announceGap();

        List<PolicyCost> both = List.of(new PolicyCost("search", 800), new PolicyCost("other", 1));
        assertThat(weir.tryAcquire(CLIENT, both).permitted()).isTrue();
        assertThat(weir.limiter("search").allow(CLIENT)).isFalse();
    }

    /** Or the connection would be closed before the permits have arrived. */
    @Test
    void close_whileALeaseIsOnItsWayBack_waitsForIt() {
        Weir weir = weir(search(THOUSAND));
        use(weir, 200);
        holdBackTheReturn();
        returnArrivesAfter(1_000_000);

        weir.close();

        assertThat(held()).isZero();
    }

    /** What is leased here is given back for their sake, but once. */
    @Test
    void largeCostsOverTheLimit_areRemembered_thoughSomeIsLeasedHere() {
        Weir weir = weir(search(THOUSAND));
        use(weir, 400);
        assertThat(held()).isPositive();
        long calls = store.calls.get();
        for (int i = 0; i < 10_000; i++) {
            assertThat(weir.limiter("search").allow(CLIENT, 700)).isFalse();
        }

        assertThat(store.calls.get() - calls)
                .as("a refusal, a return, a refusal")
                .isEqualTo(3);

        time.advance(TimeUnit.MILLISECONDS.toNanos(201));
        assertThat(weir.limiter("search").allow(CLIENT, 700)).isFalse();
        assertThat(store.calls.get() - calls)
                .as("and one more five times a second")
                .isEqualTo(4);
    }

    /** The store answers later, as Redis does: what the answer sets off finds the lease stopped. */
    @Test
    void override_setHere_isInForceForWhatItsAnswerSetsOff() {
        store.far = time;
        try (LeasingStore leasing = new LeasingStore(
                store, Leasing.FAST, 10, Duration.ofMinutes(1), time, LimiterListener.NONE, (client, said) -> {})) {
            StoreRequest one = StoreRequest.of(CLIENT, List.of(new Charge("search", THOUSAND, 1)));
            while (leasing.known(one) == null) {
                leasing.tryAcquire(one);
                time.advance(10_000);
            }
            AtomicReference<StoreReply> known = new AtomicReference<>(leasing.known(one));

            leasing.replace(Subject.client(CLIENT), Overrides.NO_VERSION, Overrides.NONE)
                    .thenRun(() -> known.set(leasing.known(one)));
            time.advance(10_000);

            assertThat(known).hasNullValue();
        }
    }

    /** A lease under the limit that was in force before. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void limitIsChanged_firstRequestUnderTheNewOne_isNotRefusedForWhatIsLeasedUnderTheOldOne(boolean isFar) {
        far(isFar);
        Weir weir = weir(search(THOUSAND));
        int used = 0;
        while (held() == 0) {
            use(weir, 1);
            used++;
        }
        weir.reconfigure(List.of(search(Limit.tokenBucket(900, TEN_SECONDS))));

        assertThat(weir.limiter("search").allow(CLIENT, 900 - used)).isTrue();
        assertThat(weir.limiter("search").allow(CLIENT)).isFalse();
    }

    /** The lease goes back by what is set now: what names the version before, the store would not take. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void overrideIsSetElsewhere_firstRequestUnderIt_isNotRefusedForWhatIsLeasedHere(boolean isFar) {
        far(isFar);
        Weir elsewhere = weir(search(THOUSAND));
        Weir weir = weir(search(THOUSAND));
        use(weir, 200);
        assertThat(held()).isPositive();
        elsewhere.limits().setRate("search", CLIENT, 900, TEN_SECONDS);
        time.advance(10_000);

        assertThat(weir.limiter("search").allow(CLIENT, 700)).isTrue();
        assertThat(weir.limiter("search").allow(CLIENT)).isFalse();
    }

    /** No lease is known when the request is made; one is there when the store decides on it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leaseIsBroughtWhileARequestIsUnderWay_requestIsNotRefusedForIt(boolean isFar) {
        far(isFar);
        Weir weir = weir(search(THOUSAND));
        AtomicInteger used = new AtomicInteger();
        store.beforehand = () -> {
            store.beforehand = () -> {};
            while (held() == 0) {
                use(weir, 1);
                used.incrementAndGet();
            }
            StoreRequest rest = StoreRequest.of(CLIENT, List.of(new Charge("search", THOUSAND, 1)));
            while (memory.decide(rest) instanceof StoreReply.Decided decided
                    && decided.decisions().get(0).permitted()) {}
        };

        assertThat(weir.limiter("search").allow(CLIENT)).isTrue();
        assertThat(used).hasPositiveValue();
    }

    /** The call that brings them takes longer than a refused request waits for it. */
    @Test
    void leaseIsBroughtWhileARequestIsAskedForAgain_requestIsNotRefusedForIt() {
        Weir weir = weir(search(THOUSAND));
        use(weir, 200);
        store.leasesAnswered = new CompletableFuture<>();
        long calls = store.calls.get();
        while (store.calls.get() == calls) {
            use(weir, 1);
        }
        StoreRequest rest = StoreRequest.of(CLIENT, List.of(new Charge("search", THOUSAND, 1)));
        while (memory.decide(rest) instanceof StoreReply.Decided decided
                && decided.decisions().get(0).permitted()) {}
        store.meanwhile = () -> store.meanwhile = () -> store.leasesAnswered.complete(null);

        assertThat(weir.limiter("search").allow(CLIENT, 30)).isTrue();
        assertThat(store.leasesAnswered).isDone();
    }

    /**
     * Three instances, of which each may have other numbers at any moment; nothing refills, so no more than the largest
     * passes.
     */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OFF")
    void anyChangesWhileInstancesLease_neverMoreThanTheLargestLimit(Leasing how) {
        Random random = new Random();
        for (int i = 0; i < 20; i++) {
            String client = "client-" + i;
            List<Weir> instances = new ArrayList<>();
            for (int j = 0; j < 3; j++) {
                instances.add(weir(how, Scheduler.system(), search(THOUSAND)));
            }
            long largest = 1_000;
            long permitted = 0;
            for (int step = 0; step < 400; step++) {
                Weir weir = instances.get(random.nextInt(3));
                long permits = 300 + random.nextInt(3_000);
                int kind = random.nextInt(60);
                if (kind < 2) {
                    largest = Math.max(largest, permits);
                    if (kind == 0) {
                        weir.reconfigure(List.of(search(Limit.tokenBucket(permits, TEN_SECONDS))));
                    } else {
                        weir.limits().setRate("search", client, permits, TEN_SECONDS);
                    }
                } else if (kind == 2) {
                    store.announceGap();
                } else {
                    long cost = random.nextInt(10) == 0 ? 1 + random.nextInt(30) : 1;
                    for (int j = random.nextInt(40); j >= 0; j--) {
                        permitted += weir.limiter("search").allow(client, cost) ? cost : 0;
                    }
                }
            }
            instances.forEach(Weir::close);
            assertThat(permitted).isLessThanOrEqualTo(largest);
        }
        assertThat(uses.get("search").decisions()).as("from leases").isPositive();
    }
}
