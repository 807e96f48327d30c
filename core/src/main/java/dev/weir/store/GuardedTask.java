package dev.weir.store;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * A task that is run again and again, and that nothing ends: an executor never again runs a scheduled task that has
 * thrown. Whatever a run throws, an {@link Error} included, is logged; the next run that fails is logged only after one
 * that did not.
 */
public final class GuardedTask implements Runnable {

    private static final Logger LOG = System.getLogger(GuardedTask.class.getName());

    private final String what;
    private final Runnable task;
    private volatile boolean isFailing;

    /** @param what names the task in the log: "looking after leases" */
    public GuardedTask(String what, Runnable task) {
        this.what = what;
        this.task = task;
    }

    @Override
    public void run() {
        try {
            task.run();
            isFailing = false;
        } catch (Throwable e) {
            failed(e);
        }
    }

    private void failed(Throwable failure) {
        try {
            LOG.log(isFailing ? Level.DEBUG : Level.ERROR, what + " failed, and is tried again", failure);
            isFailing = true;
        } catch (Throwable e) {
            // Without memory or stack not even the log works. The next run may find both.
        }
    }
}
