package dev.weir.sample.dashboard;

import org.eclipse.jetty.ee10.servlet.ResourceServlet;

/**
 * The page's scripts and styles, and those of libraries, as files. Jetty's own servlet, under a name that web.xml can
 * say: Jetty hides its classes from applications.
 */
public class FilesServlet extends ResourceServlet {}
