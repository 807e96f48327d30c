import org.eclipse.jetty.ee10.annotations.AnnotationConfiguration;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.server.Server;

/** Jetty with one WAR, as an application that embeds it does. */
public final class Launcher {

    private Launcher() {}

    /** @param arguments the port and the WAR */
    public static void main(String[] arguments) throws Exception {
        Server server = new Server(Integer.parseInt(arguments[0]));
        server.setStopAtShutdown(true);
        WebAppContext application = new WebAppContext();
        application.setContextPath("/");
        application.setWar(arguments[1]);
        application.setThrowUnavailableOnStartupException(true);
        application.addConfiguration(new AnnotationConfiguration());
        server.setHandler(application);
        server.start();
        server.join();
    }
}
