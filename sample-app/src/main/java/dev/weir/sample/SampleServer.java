package dev.weir.sample;

import dev.weir.filter.RateLimits;
import dev.weir.sample.dashboard.SampleDashboard;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.resource.Resource;
import org.eclipse.jetty.util.resource.ResourceFactory;
import org.jspecify.annotations.Nullable;

/** Jetty with the web application under {@code webapp}, and the limiter that it asks. */
final class SampleServer implements AutoCloseable {

    private static final long STOP_MILLIS = 5_000;

    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);
    private final WebAppContext application = new WebAppContext();
    private final RateLimits limits;
    private final SampleDashboard dashboard;

    /** @param host the address to listen on; null for all */
    SampleServer(@Nullable String host, int port, RateLimits limits, SampleDashboard dashboard) {
        this.limits = limits;
        this.dashboard = dashboard;
        connector.setHost(host);
        connector.setPort(port);
        server.addConnector(connector);
        application.setContextPath("/");
        application.setBaseResource(resources());
        application.setParentLoaderPriority(true);
        application.setThrowUnavailableOnStartupException(true);
        application.setAttribute(RateLimits.ATTRIBUTE, limits);
        application.setAttribute(SampleDashboard.ATTRIBUTE, dashboard);
        server.setHandler(new GracefulHandler(application));
        server.setStopTimeout(STOP_MILLIS);
    }

    /** The application, and beside it the scripts and styles of Weir's dashboard. */
    private Resource resources() {
        ResourceFactory factory = ResourceFactory.of(application);
        return ResourceFactory.combine(
                factory.newClassLoaderResource("webapp/"), factory.newClassLoaderResource("dev/weir/dashboard/web/"));
    }

    /** Under an attribute of the web application. */
    void put(String attribute, Object value) {
        application.setAttribute(attribute, value);
    }

    /** Ends everything if it cannot start. */
    void start() throws Exception {
        try {
            server.start();
        } catch (Exception e) {
            server.stop();
            limits.close();
            throw e;
        }
    }

    int port() {
        return connector.getLocalPort();
    }

    void join() throws InterruptedException {
        server.join();
    }

    /** Finishes the requests that are being served, and gives leases back. */
    @Override
    public void close() {
        dashboard.close(); // Open pages would hold up the end, and so would queued requests: these are rejected.
        limits.weir().drain();
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the server does not stop", e);
        } finally {
            limits.close();
        }
    }
}
