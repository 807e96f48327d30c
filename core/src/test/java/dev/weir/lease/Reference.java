package dev.weir.lease;

/** What a limit permits, counted from what was really admitted. Times are the store's. */
interface Reference {

    void admit(long cost, long nowMicros);

    /** The least that was ever left; negative if more was admitted than the limit permits. */
    long leastLeft();

    /** Whether all was taken once. */
    boolean isTight();
}
