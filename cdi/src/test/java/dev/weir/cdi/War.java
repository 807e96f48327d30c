package dev.weir.cdi;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Constants;
import org.apache.catalina.startup.ContextConfig;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.scan.StandardJarScanner;

/** A web application on Tomcat with Weld and Jersey: some classes of this test, a web.xml and the settings. */
final class War implements AutoCloseable {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Logger CONTAINER = Logger.getLogger("org.apache");

    static {
        CONTAINER.setLevel(Level.WARNING);
    }

    private final Tomcat tomcat = new Tomcat();
    private final StandardContext context;

    /** @param settings of {@code META-INF/microprofile-config.properties} */
    War(Path directory, String webXml, String settings, List<Class<?>> types) throws IOException, LifecycleException {
        Path webInf = directory.resolve("app/WEB-INF");
        Path classes = webInf.resolve("classes");
        write(webInf.resolve("web.xml"), webXml);
        write(webInf.resolve("beans.xml"), """
                <beans xmlns="https://jakarta.ee/xml/ns/jakartaee" version="4.0" bean-discovery-mode="annotated"/>
                """);
        write(classes.resolve("META-INF/microprofile-config.properties"), settings);
        for (Class<?> type : types) {
            copy(type, classes);
        }
        tomcat.setBaseDir(directory.toString());
        tomcat.setPort(0);
        tomcat.getConnector();
        context = (StandardContext)
                tomcat.addContext("", webInf.getParent().toAbsolutePath().toString());
        ContextConfig config = new ContextConfig();
        config.setDefaultWebXml(Constants.NoDefaultWebXml);
        context.addLifecycleListener(config);
        context.setParentClassLoader(War.class.getClassLoader());
        // What is on the class path of this test is no part of the application.
        ((StandardJarScanner) context.getJarScanner()).setScanClassPath(false);
        try {
            tomcat.start();
        } catch (LifecycleException refused) {
            close();
            throw refused;
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void copy(Class<?> type, Path classes) throws IOException {
        String name = type.getName().replace('.', '/') + ".class";
        Path file = classes.resolve(name);
        Files.createDirectories(file.getParent());
        try (var in = type.getClassLoader().getResourceAsStream(name)) {
            Files.copy(in, file);
        }
    }

    /** Whether the application could be started. */
    boolean isStarted() {
        return context.getState().isAvailable();
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI uri = URI.create(
                "http://127.0.0.1:%d%s".formatted(tomcat.getConnector().getLocalPort(), path));
        return CLIENT.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() throws LifecycleException {
        tomcat.stop();
        tomcat.destroy();
    }
}
