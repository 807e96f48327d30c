package dev.weir.lease;

/** Whether an instance takes permits in advance, to decide without asking the store. */
public enum Leasing {

    /**
     * Leases, spent without reading a clock: the fastest. A process that is stopped for longer than a lease's margin
     * (at least 40 ms for a window that is about to end, 200 ms otherwise) may, when it goes on, spend what was left of
     * its leases although their time is over: at most one lease for each client, once for each such pause.
     */
    FAST,

    /**
     * Leases, with the clock read for each request: nothing is spent after its time, however long a process was
     * stopped.
     */
    EXACT,

    /** No leases, and no remembered rejections: the store decides each request. */
    OFF
}
