package dev.weir.bundle;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Constants;
import org.apache.catalina.startup.ContextConfig;
import org.apache.catalina.startup.Tomcat;

/**
 * A plain WAR on Tomcat, as a directory: a web.xml, a servlet, the settings and the bundle, and nothing else. The
 * application sees the container's classes and its own, and none of this test's.
 */
final class WarOnTomcat implements AutoCloseable {

    private static final Path BUNDLE = Path.of("target/weir-all.jar");
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    static {
        Logger.getLogger("org.apache").setLevel(Level.WARNING);
    }

    private final Tomcat tomcat = new Tomcat();
    private final Path webApplication;
    private StandardContext context;

    /**
     * @param settings of {@code META-INF/microprofile-config.properties}
     * @param beside jars in WEB-INF/lib beside the bundle
     */
    WarOnTomcat(Path directory, String webXml, String settings, Path... beside) throws IOException, LifecycleException {
        Path webInf = directory.resolve("app/WEB-INF");
        Path classes = webInf.resolve("classes");
        write(webInf.resolve("web.xml"), webXml);
        write(classes.resolve("META-INF/microprofile-config.properties"), settings);
        Files.createDirectories(webInf.resolve("lib"));
        Files.copy(BUNDLE, webInf.resolve("lib/weir-all.jar"));
        for (Path jar : beside) {
            Files.copy(jar, webInf.resolve("lib").resolve(jar.getFileName()));
        }
        copyClass(HelloServlet.class, classes);
        tomcat.setBaseDir(directory.toString());
        tomcat.setPort(0);
        tomcat.getConnector();
        webApplication = webInf.getParent();
        context = newContext();
        tomcat.getHost().addChild(context);
        tomcat.start();
    }

    private StandardContext newContext() {
        StandardContext application = new StandardContext();
        application.setPath("");
        application.setDocBase(webApplication.toAbsolutePath().toString());
        ContextConfig config = new ContextConfig();
        config.setDefaultWebXml(Constants.NoDefaultWebXml);
        application.addLifecycleListener(config);
        application.setParentClassLoader(new ContainerLoader());
        return application;
    }

    /** Deploys the application again, after {@link #undeploy}: in the same Tomcat, with a class loader of its own. */
    void deploy() {
        context = newContext();
        tomcat.getHost().addChild(context);
    }

    /** Ends the application, and not Tomcat. */
    void undeploy() {
        tomcat.getHost().removeChild(context);
        context = newContext(); // Or this test would hold the loader.
    }

    /** The application's own loader. */
    ClassLoader loader() {
        return context.getLoader().getClassLoader();
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void copyClass(Class<?> type, Path classes) throws IOException {
        String name = type.getName().replace('.', '/') + ".class";
        Path file = classes.resolve(name);
        Files.createDirectories(file.getParent());
        try (var in = type.getClassLoader().getResourceAsStream(name)) {
            Files.copy(in, file);
        }
    }

    /** What a container shows an application: the JDK, the Servlet API and its own classes. */
    private static final class ContainerLoader extends ClassLoader {

        ContainerLoader() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("jakarta.servlet.") || name.startsWith("org.apache.")) {
                return WarOnTomcat.class.getClassLoader().loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }

        /** Of its own classes: Tomcat reads one of them when an application ends. */
        @Override
        protected URL findResource(String name) {
            return name.startsWith("org/apache/")
                    ? WarOnTomcat.class.getClassLoader().getResource(name)
                    : null;
        }
    }

    /** Whether the application could be started. */
    boolean isStarted() {
        return context.getState().isAvailable();
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return CLIENT.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A request that its caller may add to, and sends. */
    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(
                "http://127.0.0.1:%d%s".formatted(tomcat.getConnector().getLocalPort(), path)));
    }

    @Override
    public void close() throws LifecycleException {
        tomcat.stop();
        tomcat.destroy();
    }
}
