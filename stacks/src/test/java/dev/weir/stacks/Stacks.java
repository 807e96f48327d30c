package dev.weir.stacks;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/** The stacks that are tried, with their versions: the rows of the table. */
final class Stacks {

    private static final String FILTER = "filter";
    private static final String ANNOTATION = "`@RateLimited`";
    private static final String SERVLET_API = "jakarta.servlet:jakarta.servlet-api:6.0.0";
    private static final String JAXRS_API = "jakarta.ws.rs:jakarta.ws.rs-api:3.1.0";

    private static final Server TOMCAT = tomcat("10.1.49");
    private static final Server TOMCAT_11 = tomcat("11.0.15");
    private static final Server JETTY = jetty("ee10");
    private static final Server JETTY_EE11 = jetty("ee11");
    private static final Server MAIN = new Server.Main("com.example.Main", List.of());

    private static final Application SERVLET =
            new Application(List.of("servlet"), "/search", List.of(SERVLET_API), List.of(), WeirJars.BUNDLE);

    /** For a server that has JAX-RS itself. */
    private static final Application JAXRS = new Application(
            List.of("jaxrs", "jaxrs-empty"), "/api/search", List.of(JAXRS_API), List.of(), WeirJars.BUNDLE);

    /** The same, where CDI injects a limiter. */
    private static final Application CDI = new Application(
            List.of("jaxrs", "jaxrs-empty", "injected"),
            "/api/search",
            List.of(JAXRS_API, "jakarta.enterprise:jakarta.enterprise.cdi-api:4.0.1"),
            List.of(),
            WeirJars.CDI);

    private static final List<String> JERSEY = jersey("3.1.12");
    private static final List<String> JERSEY_4 = jersey("4.0.3");

    private static final String BEFORE_JAXRS =
            "Jersey answers as a filter, so that the filter in which requests wait would not be reached";

    private static final String NO_LISTENER =
            "requests wait only with the starter: Spring Boot runs no ServletContainerInitializer, and the listener"
                    + " cannot be a bean. The change to delay is refused, with an error in the log";

    private static final String KEPT =
            "its MicroProfile Config keeps what it has read for a minute. So a changed limit is not in force within 10"
                    + " seconds, but within 90, for which the column for the delay waits";

    private static final String OWN_REGISTRY =
            "it has the API of MicroProfile Metrics, and keeps its registry to itself. Limits hold, nothing is counted;"
                    + " a warning names the context attribute that hands the registry in";

    private static final List<Stack> ALL = List.of(
            Stack.of("Tomcat 10.1.49", FILTER, TOMCAT, SERVLET).inCi(),
            Stack.of("Tomcat 11.0.15", FILTER, TOMCAT_11, SERVLET),
            Stack.of("Jetty 12.1.12 ee10", FILTER, JETTY, SERVLET),
            Stack.of("Jetty 12.1.12 ee11", FILTER, JETTY_EE11, SERVLET),
            Stack.of(
                    "Undertow 2.3.20",
                    FILTER,
                    MAIN,
                    flat(
                            "/search",
                            WeirJars.BUNDLE,
                            List.of("io.undertow:undertow-servlet:2.3.20.Final"),
                            "servlet",
                            "undertow")),
            withAdmin("Jersey 3.1.12, Tomcat 10.1", TOMCAT, war(JERSEY, "jaxrs-listed", "jersey-servlet")),
            withAdmin("Jersey 3.1.12, Jetty ee10", JETTY, war(JERSEY, "jaxrs-listed", "jersey-servlet")),
            withAdmin("Jersey 3.1.12 as a filter", TOMCAT, war(JERSEY, "jaxrs-listed", "jersey-filter"))
                    .failing(Check.DELAY, BEFORE_JAXRS),
            jaxrs("Jersey 3.1.12, empty Application", TOMCAT, war(JERSEY, "jaxrs-empty")),
            jaxrs("Jersey 3.1.12, packages scanned", TOMCAT, war(JERSEY, "jersey-packages")),
            withAdmin("Jersey 4.0.3, Tomcat 11", TOMCAT_11, war(JERSEY_4, "jaxrs-listed", "jersey-servlet")),
            jaxrs(
                            "Jersey 3.1.12 on Grizzly",
                            MAIN,
                            flat("/api/search", WeirJars.MODULES, grizzly(), "jaxrs", "jaxrs-listed", "grizzly"))
                    .without(Check.FORWARD, Check.DELAY, Check.ADMIN, Check.INJECTED),
            withAdmin(
                            "RESTEasy 6.2.12 on Undertow",
                            MAIN,
                            flat(
                                    "/api/search",
                                    WeirJars.MODULES,
                                    List.of("org.jboss.resteasy:resteasy-undertow:6.2.12.Final"),
                                    "jaxrs",
                                    "jaxrs-listed",
                                    "resteasy"))
                    .inCi(),
            jaxrs(
                    "RESTEasy 6.2.12, Tomcat 10.1",
                    TOMCAT,
                    war(List.of("org.jboss.resteasy:resteasy-servlet-initializer:6.2.12.Final"), "jaxrs-empty")),
            withAdmin(
                            "CXF 4.1.4, Tomcat 10.1",
                            TOMCAT,
                            war(List.of("org.apache.cxf:cxf-rt-frontend-jaxrs:4.1.4"), "cxf"))
                    .inCi(),
            Stack.of("Spring Boot 3.5.8", FILTER, MAIN, springFilter("3.5.8"))
                    .failing(Check.DELAY, NO_LISTENER)
                    .failing(Check.QUIET, NO_LISTENER),
            Stack.of("Spring Boot 4.0.0", FILTER, MAIN, springFilter("4.0.0"))
                    .failing(Check.DELAY, NO_LISTENER)
                    .failing(Check.QUIET, NO_LISTENER),
            Stack.of("Spring Boot 3.5.8, starter", ANNOTATION, MAIN, springStarter("3.5.8"))
                    .inCi(),
            Stack.of("Spring Boot 4.0.0, starter", ANNOTATION, MAIN, springStarter("4.0.0")),
            Stack.of("Open Liberty 26.0.0.3", FILTER, liberty(), SERVLET).failing(Check.QUIET, OWN_REGISTRY),
            jaxrs("Open Liberty 26.0.0.3", liberty(), JAXRS).failing(Check.QUIET, OWN_REGISTRY),
            jaxrs("Open Liberty 26.0.0.3, weir-cdi", liberty(), CDI).without(Check.FORWARD, Check.ADMIN),
            Stack.of("WildFly 38.0.0", FILTER, wildfly(), SERVLET),
            jaxrs("WildFly 38.0.0", wildfly(), JAXRS),
            jaxrs("WildFly 38.0.0, weir-cdi", wildfly(), CDI).without(Check.FORWARD, Check.ADMIN),
            Stack.of("Payara Micro 6.2025.10", FILTER, payara("6.2025.10"), SERVLET)
                    .failing(Check.RELOAD, KEPT)
                    .failing(Check.QUIET, OWN_REGISTRY),
            jaxrs("Payara Micro 6.2025.10", payara("6.2025.10"), JAXRS)
                    .failing(Check.RELOAD, KEPT)
                    .failing(Check.QUIET, OWN_REGISTRY),
            jaxrs("Payara Micro 7.2026.11", payara("7.2026.11"), JAXRS)
                    .sinceJava(21)
                    .failing(Check.RELOAD, KEPT),
            jaxrs("Quarkus 3.27.0", quarkus(), quarkusApplication()).without(Check.FORWARD, Check.DELAY, Check.ADMIN),
            jaxrs("Helidon MP 4.2.2", helidon(), helidonApplication())
                    .sinceJava(21)
                    .without(Check.FORWARD, Check.DELAY, Check.ADMIN, Check.INJECTED));

    private Stacks() {}

    /** @param which {@code ci}, {@code all}, or parts of names, separated by commas */
    static List<Stack> chosen(String which) throws IOException {
        int java = javaOfStacks();
        Stream<Stack> runnable = ALL.stream().filter(stack -> stack.leastJava() <= java);
        return switch (which) {
            case "all" -> runnable.toList();
            case "ci" -> runnable.filter(Stack::isInCi).toList();
            default -> named(which, runnable.toList());
        };
    }

    private static List<Stack> named(String which, List<Stack> runnable) {
        List<String> parts = List.of(which.split(","));
        for (String part : parts) {
            if (runnable.stream().noneMatch(stack -> stack.name().contains(part))) {
                throw new IllegalArgumentException("-Dstacks: no stack has '%s' in its name; there are %s"
                        .formatted(
                                part,
                                runnable.stream().map(Stack::name).distinct().toList()));
            }
        }
        return runnable.stream()
                .filter(stack -> parts.stream().anyMatch(stack.name()::contains))
                .toList();
    }

    private static int javaOfStacks() throws IOException {
        Properties release = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of(System.getProperty("stacks.java"), "release"))) {
            release.load(file);
        }
        return Runtime.Version.parse(release.getProperty("JAVA_VERSION").replace("\"", ""))
                .feature();
    }

    /** JAX-RS has no FORWARD of its own. */
    private static Stack jaxrs(String name, Server server, Application application) {
        return Stack.of(name, ANNOTATION, server, application).without(Check.FORWARD, Check.ADMIN, Check.INJECTED);
    }

    /** The same of an application that registers the admin resource. */
    private static Stack withAdmin(String name, Server server, Application application) {
        return Stack.of(name, ANNOTATION, server, application).without(Check.FORWARD, Check.INJECTED);
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

    private static Server jetty(String environment) {
        String group = "org.eclipse.jetty." + environment + ":jetty-" + environment;
        return new Server.Embedded(
                "jetty-" + environment, List.of(group + "-webapp:12.1.12", group + "-annotations:12.1.12"));
    }

    private static Server liberty() {
        return new Server.Unpacked(
                "io.openliberty:openliberty-runtime:zip:26.0.0.3",
                "liberty",
                "servers/defaultServer/apps/ROOT.war",
                List.of(
                        "@{home}/lib/platform/java/java9.options", // As its own script does.
                        "-javaagent:{home}/bin/tools/ws-javaagent.jar",
                        "-jar",
                        "{home}/bin/tools/ws-server.jar",
                        "defaultServer"));
    }

    private static Server wildfly() {
        return new Server.Provisioned(
                "wildfly",
                "standalone",
                "deployments/ROOT.war",
                List.of(
                        "-jar",
                        "{home}/jboss-modules.jar",
                        "-mp",
                        "{home}/modules",
                        "org.jboss.as.standalone",
                        "-Djboss.home.dir={home}",
                        "-Djboss.server.base.dir={base}",
                        "-Djboss.http.port={port}"));
    }

    private static Server payara(String version) {
        return new Server.Runnable(
                "fish.payara.extras:payara-micro:" + version,
                List.of("--nocluster", "--port", "{port}", "--rootdir", "{base}/payara", "--deploy", "{war}"));
    }

    private static Server quarkus() {
        return new Server.Built(
                Path.of("quarkus/target/quarkus-app/quarkus-run.jar"), List.of("-Dquarkus.http.port={port}"));
    }

    /** It is built in {@code quarkus}, of these sources. */
    private static Application quarkusApplication() {
        return new Application(List.of("jaxrs"), "/search", List.of(JAXRS_API), List.of(), WeirJars.BUNDLE);
    }

    private static Server helidon() {
        return new Server.Main("io.helidon.Main", List.of("-Dserver.port={port}"));
    }

    private static Application helidonApplication() {
        List<String> libraries = List.of("io.helidon.microprofile.bundles:helidon-microprofile-core:4.2.2");
        return flat("/api/search", WeirJars.MODULES, libraries, "jaxrs", "jaxrs-listed", "helidon");
    }

    private static List<String> jersey(String version) {
        return List.of(
                "org.glassfish.jersey.containers:jersey-container-servlet:" + version,
                "org.glassfish.jersey.inject:jersey-hk2:" + version);
    }

    private static List<String> grizzly() {
        return List.of(
                "org.glassfish.jersey.containers:jersey-container-grizzly2-http:3.1.12",
                "org.glassfish.jersey.inject:jersey-hk2:3.1.12");
    }

    private static Application springFilter(String version) {
        return flat(
                "/search",
                WeirJars.MODULES,
                List.of("org.springframework.boot:spring-boot-starter-web:" + version),
                "servlet",
                "spring",
                "spring-filter");
    }

    private static Application springStarter(String version) {
        return flat(
                "/search",
                WeirJars.STARTER,
                List.of("org.springframework.boot:spring-boot-starter-web:" + version),
                "spring",
                "spring-starter");
    }

    /** A JAX-RS application that brings its implementation along. */
    private static Application war(List<String> libraries, String... sources) {
        List<String> all = Stream.concat(Stream.of("jaxrs"), Stream.of(sources)).toList();
        return new Application(all, "/api/search", List.of(SERVLET_API), libraries, WeirJars.BUNDLE);
    }

    private static Application flat(String limited, WeirJars weir, List<String> libraries, String... sources) {
        return new Application(List.of(sources), limited, List.of(), libraries, weir);
    }
}
