package dev.weir.filter.config;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Everything that is wrong with a configuration, reported together so that one reading is enough to correct it. */
public final class ConfigProblems {

    private static final int SHOWN = 100;
    private static final int MOST_REPORTED = 200;

    /** What is shown of a secret. */
    static final String HIDDEN = "...";

    private final List<String> reported = new ArrayList<>();
    private int unreported;

    /** A value is wrong. */
    void add(String key, ConfigSnapshot.Value value, String wrong, String allowed) {
        add(() -> "%s = '%s' (%s): %s; allowed: %s"
                .formatted(shown(key), shown(key, value.text()), value.source(), wrong, allowed));
    }

    /** Something else is wrong. */
    void add(Supplier<String> problem) {
        if (reported.size() < MOST_REPORTED) {
            reported.add(problem.get());
        } else {
            unreported++;
        }
    }

    /** Things that were wrong elsewhere, and cut short there if they were too many. */
    void addAll(List<String> problems) {
        reported.addAll(problems);
    }

    boolean isEmpty() {
        return reported.isEmpty();
    }

    /** All of them; of a file that is something else altogether, the first few hundred. */
    public List<String> list() {
        List<String> list = new ArrayList<>(reported);
        if (unreported > 0) {
            list.add("and %d more".formatted(unreported));
        }
        return List.copyOf(list);
    }

    /** A value as a log may show it: what the key's name suggests to be secret stays so. */
    public static String shown(String key, String text) {
        return Secrets.isSecret(key) ? HIDDEN : shown(text);
    }

    /** The value of an unknown key as a log may show it: a secret too if the key that was meant holds one. */
    public static String shown(String key, String nearest, String text) {
        return Secrets.isSecret(nearest) ? HIDDEN : shown(key, text);
    }

    /** A text as a log may show it: in one line, and not without end. */
    public static String shown(String text) {
        String open = Secrets.withoutUserInfo(text);
        String start = open.length() <= SHOWN ? open : open.substring(0, SHOWN) + "...";
        return start.replaceAll("\\p{Cntrl}", "?");
    }
}
