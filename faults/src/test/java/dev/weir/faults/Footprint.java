package dev.weir.faults;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a process holds, as the JDK's {@code jcmd} sees it.
 *
 * @param threads how many Java threads of each name, without the digits in it. Those whose number follows the load,
 *     whatever the limiter does, are left out: the HTTP server's pool and the JIT compilers. A thread of the server that
 *     hangs in the limiter is seen as a request without an answer
 * @param heapBytes what is reachable, by a histogram, which collects all garbage before
 */
record Footprint(Map<String, Long> threads, long heapBytes) {

    /** Threads of the virtual machine itself have no number. */
    private static final Pattern THREAD =
            Pattern.compile("^\"(?!qtp|C[12] CompilerThread|Attach Listener)(.*)\" #\\d+ ", Pattern.MULTILINE);

    private static final Pattern TOTAL = Pattern.compile("^Total +\\d+ +(\\d+)", Pattern.MULTILINE);

    static Footprint of(long pid) {
        return of(Jcmd.ask(pid, "Thread.print"), Jcmd.ask(pid, "GC.class_histogram"));
    }

    static Footprint of(String threads, String histogram) {
        Matcher total = TOTAL.matcher(histogram);
        if (!total.find()) {
            throw new IllegalStateException("no histogram: " + histogram);
        }
        Map<String, Long> seen = THREAD.matcher(threads)
                .results()
                .map(each -> each.group(1).replaceAll("\\d", ""))
                .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
        return new Footprint(seen, Long.parseLong(total.group(1)));
    }
}
