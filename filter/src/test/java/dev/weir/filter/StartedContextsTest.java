package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletContext;
import java.lang.reflect.Proxy;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.Test;

/** A web application is found by its class loader, by whichever object the container shows it. */
class StartedContextsTest {

    /** As Tomcat shows one to a listener that was added by code. */
    private static ServletContext wrapped(ServletContext context) {
        return (ServletContext) Proxy.newProxyInstance(
                ServletContext.class.getClassLoader(),
                new Class<?>[] {ServletContext.class},
                (proxy, method, arguments) -> method.invoke(context, arguments));
    }

    @Test
    void current_contextThatWasShownTwice_isOne_untilItEnds() throws Exception {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        ServletContextHandler handler = new ServletContextHandler();
        ClassLoader application = new ClassLoader(before) {};
        handler.setClassLoader(application);
        Server server = new Server();
        server.setHandler(handler);
        server.start();
        Thread.currentThread().setContextClassLoader(application);
        try {
            ServletContext context = handler.getServletContext();
            StartedContexts.add(context);
            StartedContexts.add(wrapped(context));
            assertThat(StartedContexts.current()).contains(context);

            StartedContexts.remove(wrapped(context));
            assertThat(StartedContexts.current()).isEmpty();

            StartedContexts.add(context);
            assertThat(StartedContexts.current()).contains(context);
        } finally {
            StartedContexts.remove(handler.getServletContext());
            Thread.currentThread().setContextClassLoader(before);
            server.stop();
        }
    }
}
