package dev.weir.store;

/**
 * Is notified of what is set at run time, by whichever instance. Called on any thread, and must return quickly.
 *
 * @see Store#listen
 */
public interface ChangeListener {

    /** Something else is set for the subject now: what was known of it before is of no use. */
    void onChange(Subject subject);

    /** Announcements may have been lost: of every subject, what was known before may be of no use. */
    void onGap();
}
