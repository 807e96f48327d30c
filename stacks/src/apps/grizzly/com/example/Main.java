package com.example;

import java.net.URI;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.jersey.grizzly2.httpserver.GrizzlyHttpServerFactory;
import org.glassfish.jersey.server.ResourceConfig;

/** Jersey on Grizzly, without servlets. */
public final class Main {

    private Main() {}

    /** @param arguments the port */
    public static void main(String[] arguments) {
        URI root = URI.create("http://127.0.0.1:" + arguments[0] + "/");
        HttpServer server = GrizzlyHttpServerFactory.createHttpServer(
                root, ResourceConfig.forApplicationClass(SearchApplication.class));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    }
}
