package dev.weir.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.filter.RateLimits;
import dev.weir.limit.Decision;
import dev.weir.store.LimiterListener;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What an application injects, on Weld. */
class InjectionTest {

    private static final Map<String, String> TWO = Map.of(
            "weir.policy.search.limit", "2",
            "weir.policy.search.period", "1h");

    @ApplicationScoped
    static class Search {

        @Inject
        @PolicyName("search")
        RateLimiter limiter;

        @Inject
        Weir weir;

        @Inject
        RateLimits limits;

        boolean allow() {
            return limiter.allow("alice");
        }

        boolean isOfOneLimiter() {
            return limits.weir() == weir && weir.limiter("search").policy().equals(limiter.policy());
        }
    }

    @Singleton
    static class ByConstructor {

        private final RateLimiter limiter;

        @Inject
        ByConstructor(@PolicyName("search") RateLimiter limiter) {
            this.limiter = limiter;
        }
    }

    @Singleton
    static class Listener implements LimiterListener {

        private final List<Decision> decisions = new CopyOnWriteArrayList<>();

        @Override
        public void onDecision(Decision decision, long cost) {
            decisions.add(decision);
        }
    }

    static class Meters {

        private static final MeterRegistry METERS = new SimpleMeterRegistry();

        @Produces
        @Singleton
        MeterRegistry meters() {
            return METERS;
        }
    }

    @Singleton
    static class AtStart {

        void warmUp(@Observes Startup event, @PolicyName("serach") RateLimiter limiter) {}
    }

    @Test
    void limiterOfAPolicy_countsWithTheOthersOfTheApplication() {
        try (Application application = Application.start(TWO, Search.class, ByConstructor.class)) {
            Search search = application.get(Search.class);

            assertThat(search.isOfOneLimiter()).isTrue();
            assertThat(search.allow()).isTrue();
            assertThat(application.get(ByConstructor.class).limiter.allow("alice"))
                    .isTrue();
            assertThat(search.allow()).isFalse();
        }
    }

    @Singleton
    static class OtherListener implements LimiterListener {}

    @Test
    void twoBeansOfOneType_applicationDoesNotStart_andSaysWhich() {
        assertThatThrownBy(() -> Application.start(TWO, Search.class, Listener.class, OtherListener.class)
                        .close())
                .hasStackTraceContaining("AmbiguousResolutionException")
                .hasStackTraceContaining("LimiterListener");
    }

    @Test
    void policyThatIsNotThere_applicationDoesNotStart_andSaysWhereItIsNamed() {
        Map<String, String> other = Map.of("weir.policy.other.limit", "2", "weir.policy.other.period", "1h");

        assertThatThrownBy(() -> Application.start(other, Search.class).close())
                .hasStackTraceContaining("@PolicyName on dev.weir.cdi.InjectionTest$Search.limiter")
                .hasStackTraceContaining("search");
        assertThatThrownBy(() -> Application.start(other, ByConstructor.class).close())
                .hasStackTraceContaining("@PolicyName on dev.weir.cdi.InjectionTest$ByConstructor")
                .hasStackTraceContaining("search");
        assertThat(isFollowing()).isFalse();
    }

    @Test
    void policyThatAnObserverNames_isCheckedAtTheStartToo() {
        assertThatThrownBy(() -> Application.start(TWO, AtStart.class).close())
                .hasStackTraceContaining("@PolicyName on dev.weir.cdi.InjectionTest$AtStart.warmUp")
                .hasStackTraceContaining("serach");
    }

    @Test
    void wrongConfiguration_applicationDoesNotStart_evenIfItInjectsNothing() {
        assertThatThrownBy(() -> Application.start(Map.of("weir.policy.search.limit", "many"), Listener.class)
                        .close())
                .hasStackTraceContaining("weir.policy.search.limit")
                .hasStackTraceContaining("'many'");
    }

    @Test
    void listenerBean_isNotifiedOfEachDecision() {
        try (Application application = Application.start(TWO, Search.class, Listener.class)) {
            application.get(Search.class).allow();

            assertThat(application.get(Listener.class).decisions)
                    .extracting(Decision::permitted)
                    .containsExactly(true);
        }
    }

    @Test
    void registryBean_countsDecisions() {
        try (Application application = Application.start(TWO, Search.class, Meters.class)) {
            application.get(Search.class).allow();

            assertThat(Meters.METERS.getMeters())
                    .extracting(meter -> meter.getId().getName())
                    .anyMatch(name -> name.startsWith("weir"));
        }
    }

    @Test
    void end_limiterEndsWithTheApplication() {
        try (Application application = Application.start(TWO, Search.class)) {
            assertThat(application.get(Search.class).allow()).isTrue();
            assertThat(isFollowing()).isTrue();
        }

        assertThat(isFollowing()).isFalse();
    }

    private static boolean isFollowing() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("weir-config"));
    }
}
