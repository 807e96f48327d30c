package dev.weir;

import dev.weir.limit.Decision;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.StoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The application's listener, which cannot harm the limiter: whatever it throws, an {@link Error} included, is logged
 * and goes no further. A request that was charged is answered, and the limiter's own threads go on. The first failure
 * is a warning.
 *
 * <p>It is put around the listener once, where a {@link Weir} is built; so no caller of a listener needs a guard of its
 * own.
 */
final class GuardedListener implements LimiterListener {

    private static final Logger LOG = System.getLogger(GuardedListener.class.getName());

    private final LimiterListener listener;
    private final AtomicBoolean hasFailed = new AtomicBoolean();

    private GuardedListener(LimiterListener listener) {
        this.listener = listener;
    }

    /** The listener with a guard; {@link LimiterListener#NONE} needs none. */
    static LimiterListener around(LimiterListener listener) {
        return listener == NONE ? NONE : new GuardedListener(listener);
    }

    @Override
    public void onDecision(Decision decision, long cost) {
        try {
            listener.onDecision(decision, cost);
        } catch (Throwable e) {
            failed("onDecision", e);
        }
    }

    @Override
    public void onLeaseUse(String policy, LeaseUse use) {
        try {
            listener.onLeaseUse(policy, use);
        } catch (Throwable e) {
            failed("onLeaseUse", e);
        }
    }

    @Override
    public void onStoreAnswer(long nanos) {
        try {
            listener.onStoreAnswer(nanos);
        } catch (Throwable e) {
            failed("onStoreAnswer", e);
        }
    }

    @Override
    public void onStoreFailure(StoreException.Kind kind, long nanos) {
        try {
            listener.onStoreFailure(kind, nanos);
        } catch (Throwable e) {
            failed("onStoreFailure", e);
        }
    }

    @Override
    public void onDebtLost(String policy, long permits) {
        try {
            listener.onDebtLost(policy, permits);
        } catch (Throwable e) {
            failed("onDebtLost", e);
        }
    }

    @Override
    public void onStoreChange(boolean up) {
        try {
            listener.onStoreChange(up);
        } catch (Throwable e) {
            failed("onStoreChange", e);
        }
    }

    private void failed(String method, Throwable failure) {
        try {
            boolean isFirst = hasFailed.compareAndSet(false, true);
            LOG.log(
                    isFirst ? Level.WARNING : Level.DEBUG,
                    ("%s failed in %s: what it missed is lost, and the limiter goes on; "
                                    + "further failures are logged at DEBUG")
                            .formatted(listener.getClass().getName(), method),
                    failure);
        } catch (Throwable e) {
            // Without memory or stack not even the log works, and the request still has to be answered.
        }
    }
}
