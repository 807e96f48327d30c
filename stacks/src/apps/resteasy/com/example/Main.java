package com.example;

import org.jboss.resteasy.plugins.server.undertow.UndertowJaxrsServer;

/** RESTEasy on Undertow, as a library. */
public final class Main {

    private Main() {}

    /** @param arguments the port */
    public static void main(String[] arguments) {
        UndertowJaxrsServer server = new UndertowJaxrsServer().setPort(Integer.parseInt(arguments[0]));
        server.start();
        server.deploy(SearchApplication.class);
        Runtime.getRuntime().addShutdownHook(new Thread(server::stop));
    }
}
