package dev.weir.stacks;

import java.util.List;
import java.util.stream.Stream;

/** The stacks that are tried, with their versions: the rows of the table. */
final class Stacks {

    private static final String SERVLET_API = "jakarta.servlet:jakarta.servlet-api:6.0.0";

    private static final Application SERVLET =
            new Application(List.of("servlet"), "/search", List.of(SERVLET_API), List.of(), WeirJars.BUNDLE);

    private static final List<Stack> ALL = List.of(
            Stack.of("Tomcat 10.1.49", "filter", tomcat("10.1.49"), SERVLET).inCi(),
            Stack.of("Tomcat 11.0.15", "filter", tomcat("11.0.15"), SERVLET));

    private Stacks() {}

    /** @param which {@code ci}, {@code all}, or a part of a name */
    static List<Stack> chosen(String which) {
        Stream<Stack> runnable = ALL.stream()
                .filter(stack -> stack.leastJava() <= Runtime.version().feature());
        return switch (which) {
            case "all" -> runnable.toList();
            case "ci" -> runnable.filter(Stack::isInCi).toList();
            default ->
                ALL.stream().filter(stack -> stack.name().contains(which)).toList();
        };
    }

    private static Server tomcat(String version) {
        return new Server.Unpacked(
                "org.apache.tomcat:tomcat:zip:" + version,
                "tomcat",
                "webapps/ROOT.war",
                List.of(
                        "-cp",
                        "{home}/bin/bootstrap.jar:{home}/bin/tomcat-juli.jar",
                        "-Dcatalina.home={home}",
                        "-Dcatalina.base={base}",
                        "org.apache.catalina.startup.Bootstrap",
                        "start"));
    }
}
