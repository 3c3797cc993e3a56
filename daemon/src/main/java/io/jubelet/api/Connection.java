package io.jubelet.api;

import io.jubelet.concurrent.Threads;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: takes requests one after another, and has each answered by a virtual thread.
 *
 * <p>Confined to the loop thread, but for {@link #answer} and {@link #serve}.
 */
final class Connection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final int LARGEST_BODY = 64 * 1024;

    private final RequestHandler served;
    private final Duration patience;
    private final boolean allowed;
    private final Set<Thread> atWork;
    private HttpRequest request;
    private int bodyBytes;
    private Thread serving;
    private boolean whole;
    private boolean flooded;
    private Future<?> idle;

    /**
     * @param patience how long a peer may keep us waiting for a request, or for taking an answer
     * @param allowed whether the peer may see anything
     * @param atWork where threads that serve a request are noted, so that the server can wait for their end
     */
    Connection(RequestHandler served, Duration patience, boolean allowed, Set<Thread> atWork) {
        this.served = served;
        this.patience = patience;
        this.allowed = allowed;
        this.atWork = atWork;
    }

    /** Waits a while for threads that serve a request, whose connections have ended; an interrupt ends the wait. */
    static void awaitEnd(Set<Thread> atWork) {
        try {
            for (Thread thread : atWork) {
                thread.join(Duration.ofSeconds(1));
            }
        } catch (InterruptedException _) {
            // Somebody is in a hurry: end without them.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        expectRequest(context);
    }

    private void expectRequest(ChannelHandlerContext context) {
        idle = context.executor().schedule(() -> context.close(), patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (whole) {
                // One request may be sent ahead, as it is when an answer is read before we know it was; not more.
                flooded = true;
                return;
            }
            if (message instanceof HttpRequest head) {
                request = head;
                bodyBytes = 0;
            }
            if (message instanceof HttpContent content) {
                bodyBytes += content.content().readableBytes();
            }
            whole = request != null
                    && (message instanceof LastHttpContent
                            || bodyBytes > LARGEST_BODY
                            || request.decoderResult().isFailure());
            if (whole && serving == null) {
                dispatch(context);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void dispatch(ChannelHandlerContext context) {
        idle.cancel(false);
        HttpRequest head = request;
        boolean tooLarge = bodyBytes > LARGEST_BODY;
        boolean sound = !tooLarge && head.decoderResult().isSuccess();
        ApiResponse answer = new ApiResponse(
                context.channel(), patience, head.protocolVersion(), allowed && sound && HttpUtil.isKeepAlive(head));
        request = null;
        // What follows an unsound request is not taken for one.
        whole = !sound;
        serving = Threads.startVirtual("api/" + context.channel().id().asShortText(), () -> {
            atWork.add(Thread.currentThread());
            try {
                serve(context.channel(), head, tooLarge, answer);
                context.executor().execute(() -> served(context));
            } finally {
                atWork.remove(Thread.currentThread());
            }
        });
    }

    private void served(ChannelHandlerContext context) {
        serving = null;
        if (flooded) {
            context.close();
        } else if (whole && request != null) {
            dispatch(context);
        } else if (context.channel().isActive()) {
            expectRequest(context);
        }
    }

    private void serve(Channel channel, HttpRequest head, boolean tooLarge, ApiResponse answer) {
        try (answer) {
            try {
                answer(channel, head, tooLarge, answer);
            } catch (ApiError told) {
                tell(told, answer);
            } catch (RuntimeException bug) {
                LOG.error("request {} failed", printable(head.uri()), bug);
                tell(ApiError.internal("internal error: " + bug), answer);
            }
        } catch (IOException gone) {
            LOG.debug("request {} ended early: {}", printable(head.uri()), gone.getMessage());
            answer.abort();
        } catch (InterruptedException _) {
            // The peer went away, or the server stops.
            answer.abort();
        }
    }

    private void answer(Channel channel, HttpRequest head, boolean tooLarge, ApiResponse answer)
            throws IOException, InterruptedException {
        if (!allowed) {
            throw ApiError.forbidden("only root, the user jubelet runs as, and the group of the socket may ask");
        }
        if (head.decoderResult().isFailure()) {
            Throwable cause = head.decoderResult().cause();
            throw switch (cause) {
                case TooLongHttpLineException _, TooLongHttpHeaderException _ ->
                    ApiError.tooLarge("request line or headers are too long");
                default -> ApiError.badRequest("malformed request");
            };
        }
        if (tooLarge) {
            throw ApiError.tooLarge("request body is too large; none is needed");
        }
        ApiRequest request = ApiRequest.parse(head.uri());
        served.admit(channel, head, request);
        if (!head.method().equals(HttpMethod.GET)) {
            throw ApiError.methodNotAllowed("only GET is served: this API is read-only");
        }
        if (head.protocolVersion().majorVersion() != 1) {
            throw ApiError.badRequest("only HTTP/1.0 and HTTP/1.1 are served");
        }
        served.serve(request, answer);
    }

    private static void tell(ApiError error, ApiResponse answer) throws IOException {
        if (answer.started()) {
            throw new IOException(error.getMessage(), error);
        }
        answer.reset();
        Endpoints.error(error, answer);
    }

    /** What a peer sent, fit for a log line. */
    private static String printable(String text) {
        return text.codePoints()
                .limit(200)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        idle.cancel(false);
        if (serving != null) {
            serving.interrupt();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("connection failed: {}", cause.toString());
        context.close();
    }
}
