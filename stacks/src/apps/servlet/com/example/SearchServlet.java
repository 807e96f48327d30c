package com.example;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers at once, or after a dispatch of the request, as the end of the path says. */
public final class SearchServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        String path = request.getDispatcherType() == DispatcherType.REQUEST ? request.getPathInfo() : null;
        if ("/forward".equals(path)) {
            request.getRequestDispatcher("/search/forwarded").forward(request, response);
        } else if ("/async".equals(path)) {
            AsyncContext async = request.startAsync();
            async.start(async::dispatch);
        } else if ("/error".equals(path)) {
            response.sendError(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
        } else {
            response.getWriter().write("found");
        }
    }
}
