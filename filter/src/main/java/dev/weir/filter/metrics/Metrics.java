package dev.weir.filter.metrics;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.store.LimiterListener;
import java.util.Collection;

/**
 * What is counted, in terms of no metrics library: an application may have none. Every method does nothing unless
 * overridden.
 */
public interface Metrics extends LimiterListener, AutoCloseable {

    /** Counts nothing. */
    Metrics NONE = new Metrics() {};

    /** From now on these policies are asked. */
    default void policies(Collection<Policy> policies) {}

    /** The limiter is there, and can be asked how it is. */
    default void limiter(Weir weir) {}

    /** A changed configuration was put into force, or refused. */
    default void reloaded(boolean success) {}

    /** How long a request was held up until it was decided on; called for one in 64 requests. */
    default void heldUp(long nanos) {}

    /** Called now and then: what another application has taken away with it is shown again. */
    default void refresh() {}

    @Override
    default void close() {}
}
