package com.example;

import dev.weir.filter.RateLimitFilter;
import dev.weir.filter.RateLimitsListener;
import io.undertow.Undertow;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;

/** Undertow as a library, with the application put together in code. */
public final class Main {

    private Main() {}

    /** @param arguments the port */
    public static void main(String[] arguments) throws ServletException {
        DeploymentManager application = Servlets.defaultContainer().addDeployment(application());
        application.deploy();
        Undertow server = Undertow.builder()
                .addHttpListener(Integer.parseInt(arguments[0]), "127.0.0.1")
                .setHandler(application.start())
                .build();
        server.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.stop();
            application.undeploy();
        }));
    }

    private static DeploymentInfo application() {
        DeploymentInfo info = Servlets.deployment()
                .setClassLoader(Main.class.getClassLoader())
                .setContextPath("/")
                .setDeploymentName("search")
                .addListener(Servlets.listener(RateLimitsListener.class))
                .addFilter(Servlets.filter("rate-limit", RateLimitFilter.class)
                        .setAsyncSupported(true)
                        .addInitParam("policy", "search"))
                .addServlet(Servlets.servlet("search", SearchServlet.class)
                        .setAsyncSupported(true)
                        .addMappings("/search/*", "/open"))
                .addErrorPage(Servlets.errorPage("/search/failed", 500));
        for (DispatcherType dispatcher : DispatcherType.values()) {
            info.addFilterUrlMapping("rate-limit", "/search/*", dispatcher);
        }
        return info;
    }
}
