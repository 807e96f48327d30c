package com.example;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers at once, or as the parameter {@code dispatch} says: after a dispatch of the request. */
public final class SearchServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        String dispatch =
                request.getDispatcherType() == DispatcherType.REQUEST ? request.getParameter("dispatch") : null;
        if ("forward".equals(dispatch)) {
            request.getRequestDispatcher("/search/forwarded").forward(request, response);
        } else if ("async".equals(dispatch)) {
            AsyncContext async = request.startAsync();
            async.start(async::dispatch);
        } else if ("error".equals(dispatch)) {
            response.sendError(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
        } else {
            response.getWriter().write("found");
        }
    }
}
