package dev.weir.store;

/** Real errors of the virtual machine, brought about on purpose. */
public final class Failing {

    private Failing() {}

    /** @throws OutOfMemoryError always: no array is that long */
    public static byte[] outOfMemory() {
        return new byte[Integer.MAX_VALUE];
    }

    /** @throws StackOverflowError always */
    public static int stackOverflow() {
        return 1 + stackOverflow();
    }
}
