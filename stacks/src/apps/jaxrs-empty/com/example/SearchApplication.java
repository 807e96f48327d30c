package com.example;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** Names nothing: the server looks for resources by itself. */
@ApplicationPath("api")
public class SearchApplication extends Application {}
