package com.example;

import dev.weir.filter.RateLimitsListener;
import io.undertow.Undertow;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import org.jboss.resteasy.core.ResteasyDeploymentImpl;
import org.jboss.resteasy.plugins.server.undertow.UndertowJaxrsServer;
import org.jboss.resteasy.spi.ResteasyDeployment;

/** RESTEasy on Undertow, as a library. */
public final class Main {

    private Main() {}

    /** @param arguments the port */
    public static void main(String[] arguments) {
        UndertowJaxrsServer server = new UndertowJaxrsServer();
        server.start(Undertow.builder().addHttpListener(Integer.parseInt(arguments[0]), "127.0.0.1"));
        ResteasyDeployment application = new ResteasyDeploymentImpl();
        application.setApplicationClass(SearchApplication.class.getName());
        DeploymentInfo info = server.undertowDeployment(application, "/api");
        // As a library, Undertow looks for no initializers: the limiter learns from its listener where it is.
        server.deploy(info.addListener(Servlets.listener(RateLimitsListener.class))
                .setClassLoader(Main.class.getClassLoader())
                .setContextPath("/")
                .setDeploymentName("search"));
        Runtime.getRuntime().addShutdownHook(new Thread(server::stop));
    }
}
