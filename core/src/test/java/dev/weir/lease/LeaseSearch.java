package dev.weir.lease;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Visits every state that a {@link LeaseModel} can reach, those nearest to the beginning first, so that what goes wrong
 * is shown in as few steps as it takes.
 *
 * <p>A state is kept as one long: its parts, of which there are few, are numbered. Instances are alike, so states that
 * differ only in which instance is which are one.
 */
final class LeaseSearch {

    /**
     * What a search has found.
     *
     * @param states that can be reached, or were until something went wrong
     * @param steps to the farthest of them, or to what went wrong
     * @param lowest the least ever left in the reference bucket
     * @param longestWait the most ticks that the waiting cost was refused
     * @param wrong what went wrong, and how it came to it; null if nothing did
     */
    record Found(
            int states,
            int steps,
            int lowest,
            int longestWait,
            @Nullable String wrong) {}

    private static final int STORE_BITS = 15;
    private static final int WORLD_BITS = 12;
    private static final int MOST_STATES = 3_000_000;

    private final LeaseModel model;
    private final int instances;
    private final int instanceBits;
    private final Numbers<LeaseModel.Store> stores = new Numbers<>(STORE_BITS);
    private final Numbers<LeaseModel.World> worlds = new Numbers<>(WORLD_BITS);
    private final Numbers<LeaseModel.Instance> instanceNumbers;

    private long[] states = new long[1 << 12];
    private int[] parents = new int[1 << 12];
    private int[] table = new int[1 << 13];
    private int size;
    private int parent;
    private int lowest;
    private int longestWait;
    private @Nullable String wrong;

    private LeaseSearch(LeaseModel.Setting setting) {
        this.model = new LeaseModel(setting);
        this.instances = setting.instances();
        this.instanceBits = (Long.SIZE - STORE_BITS - WORLD_BITS) / instances;
        this.instanceNumbers = new Numbers<>(instanceBits);
    }

    static Found of(LeaseModel.Setting setting) {
        return new LeaseSearch(setting).run();
    }

    private Found run() {
        LeaseModel.State initial = model.initial();
        lowest = initial.world().reference();
        parent = -1;
        visit(initial);
        int depth = 0;
        int endOfDepth = 1;
        for (int i = 0; i < size && wrong == null; i++) {
            if (i == endOfDepth) {
                depth++;
                endOfDepth = size;
            }
            parent = i;
            model.steps(unpack(states[i]), step -> visit(step.next()));
        }
        return wrong == null
                ? new Found(size, depth, lowest, longestWait, null)
                : new Found(size, depth + 1, lowest, longestWait, wrong + ":" + trace());
    }

    private void visit(LeaseModel.State state) {
        if (wrong != null || !add(pack(state))) {
            return;
        }
        lowest = Math.min(lowest, state.world().reference());
        longestWait = Math.max(longestWait, state.world().waited());
        wrong = model.wrong(state);
    }

    /**
     * From the beginning to the state that was found last. The steps are taken again, so that each instance keeps its
     * name.
     */
    private String trace() {
        Deque<Long> path = new ArrayDeque<>();
        for (int i = size - 1; i > 0; i = parents[i]) {
            path.push(states[i]);
        }
        StringBuilder trace = new StringBuilder();
        LeaseModel.State state = model.initial();
        for (long packed : path) {
            LeaseModel.Step step = stepTo(packed, state);
            state = step.next();
            trace.append("%n  %-55s %s; reference bucket %d"
                    .formatted(step, state.store(), state.world().reference()));
        }
        return trace.toString();
    }

    private LeaseModel.Step stepTo(long packed, LeaseModel.State from) {
        List<LeaseModel.Step> steps = new ArrayList<>();
        model.steps(from, steps::add);
        return steps.stream()
                .filter(step -> pack(step.next()) == packed)
                .findFirst()
                .orElseThrow();
    }

    private long pack(LeaseModel.State state) {
        int[] numbers = new int[instances];
        for (int i = 0; i < instances; i++) {
            numbers[i] = instanceNumbers.of(state.instances().get(i));
        }
        Arrays.sort(numbers);
        long packed = stores.of(state.store());
        packed = packed << WORLD_BITS | worlds.of(state.world());
        for (int number : numbers) {
            packed = packed << instanceBits | number;
        }
        return packed;
    }

    private LeaseModel.State unpack(long packed) {
        long rest = packed;
        List<LeaseModel.Instance> unpacked = new ArrayList<>(instances);
        for (int i = 0; i < instances; i++) {
            unpacked.add(instanceNumbers.get((int) (rest & (1 << instanceBits) - 1)));
            rest >>>= instanceBits;
        }
        LeaseModel.World world = worlds.get((int) (rest & (1 << WORLD_BITS) - 1));
        return new LeaseModel.State(stores.get((int) (rest >>> WORLD_BITS)), unpacked, world);
    }

    /** Whether it is new. */
    private boolean add(long packed) {
        int slot = slot(packed);
        if (table[slot] != 0) {
            return false;
        }
        if (size == MOST_STATES) {
            throw new IllegalStateException("more than " + MOST_STATES + " states: a search must end");
        }
        if (size == states.length) {
            grow();
            slot = slot(packed);
        }
        states[size] = packed;
        parents[size] = parent;
        table[slot] = ++size;
        return true;
    }

    private int slot(long packed) {
        int mask = table.length - 1;
        long mixed = packed * 0x9E3779B97F4A7C15L;
        int slot = (int) (mixed >>> 32) & mask;
        while (table[slot] != 0 && states[table[slot] - 1] != packed) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        states = Arrays.copyOf(states, 2 * size);
        parents = Arrays.copyOf(parents, 2 * size);
        table = new int[4 * size];
        for (int i = 0; i < size; i++) {
            table[slot(states[i])] = i + 1;
        }
    }

    /** Numbers what is equal alike. */
    private static final class Numbers<T> {

        private final Map<T, Integer> numbers = new HashMap<>();
        private final List<T> things = new ArrayList<>();
        private final int most;

        Numbers(int bits) {
            most = 1 << bits;
        }

        int of(T thing) {
            Integer number = numbers.get(thing);
            if (number != null) {
                return number;
            }
            if (things.size() == most) {
                throw new IllegalStateException("more than " + most + " different " + thing.getClass());
            }
            numbers.put(thing, things.size());
            things.add(thing);
            return things.size() - 1;
        }

        T get(int number) {
            return things.get(number);
        }
    }
}
