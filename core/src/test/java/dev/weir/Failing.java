package dev.weir;

/** Real errors of the virtual machine, brought about on purpose. */
final class Failing {

    private Failing() {}

    /** @throws OutOfMemoryError always: no array is that long */
    static byte[] outOfMemory() {
        return new byte[Integer.MAX_VALUE];
    }

    /** @throws StackOverflowError always */
    static int stackOverflow() {
        return 1 + stackOverflow();
    }
}
