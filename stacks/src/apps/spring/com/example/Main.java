package com.example;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** A Spring Boot application. */
@SpringBootApplication
public class Main {

    /** @param arguments the port */
    public static void main(String[] arguments) {
        SpringApplication.run(Main.class, "--server.port=" + arguments[0]);
    }
}
