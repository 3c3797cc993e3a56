/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.jubelet.concurrent.Threads;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: reads requests one after another and serves each on a virtual thread.
 *
 * <p>Confined to the loop thread, except for {@link #handle} and {@link #serve}.
 */
final class Connection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /**
     * The longest request line in bytes, except for clients that can run commands. The longest path of ours has three names of
     * at most 253 characters.
     */
    static final int MAX_LINE = 4096;

    /** How long all headers of a request may be together, in bytes. A bearer token has 1 or 2 kB. */
    static final int MAX_HEADERS = 8192;

    /** How long a client whose request is refused may go on sending it, because it reads the reason only afterwards. */
    private static final Duration LINGER = Duration.ofSeconds(2);

    private static final ApiError TOO_LONG = ApiError.tooLarge("request line or headers are too long");

    private static final ApiError NO_ROOM = ApiError.tooManyRequests(
            "too many long commands are sent at the same time; try again, or copy the command into the container as a file");
    /**
     * The longest body in bytes of a request that needs none. A client can read the response only if what it sent was read.
     */
    static final int MAX_BODY = 64 * 1024;
    /** How many parts of further requests are discarded while one is served, before the connection is closed. */
    static final int MAX_OVERRUN = 64;

    private final RequestHandler handler;
    private final Client client;
    private final ConnectionLimiter.Place place;
    private final Timeouts timeouts;
    private final Set<Thread> requestThreads;
    private final LongLines.@Nullable Meter meter;
    private @Nullable HttpRequest request;
    /** What the handler reads of the body of the request; null if it reads none. */
    private @Nullable ByteArrayOutputStream body;

    private int maxBody = MAX_BODY;
    private int bodyBytes;
    private @Nullable Thread serving;
    private boolean complete;
    private boolean malformed;
    private boolean handedOver;
    private int overrun;
    private @Nullable Future<?> idle;

    /**
     * How long a connection waits for its client.
     *
     * @param request until a request of a trusted client is complete, and until the client of any response reads on
     * @param untrusted until a request of an untrusted client is complete, handshake included
     */
    record Timeouts(Duration request, Duration untrusted) {}

    private Connection(
            RequestHandler handler,
            Client client,
            ConnectionLimiter.Place place,
            Timeouts timeouts,
            Set<Thread> requestThreads,
            LongLines.@Nullable Meter meter) {
        this.handler = handler;
        this.client = client;
        this.place = place;
        this.timeouts = timeouts;
        this.requestThreads = requestThreads;
        this.meter = meter;
    }

    /**
     * Adds the handlers of a new connection behind those that are there.
     *
     * @param place the place of this connection
     * @param requestThreads the threads that serve requests, which the server joins when it stops
     * @param longLines the memory for long request lines, for those whose handler accepts them
     */
    static void serve(
            ChannelPipeline pipeline,
            RequestHandler handler,
            Client client,
            ConnectionLimiter.Place place,
            Timeouts timeouts,
            Set<Thread> requestThreads,
            LongLines longLines) {
        boolean accepts = handler.acceptsLongLines();
        LongLines.Meter meter = accepts ? longLines.meter(client) : null;
        if (meter != null) {
            pipeline.addLast(meter);
        }
        pipeline.addLast(
                new HttpServerCodec(accepts ? LongLines.MAX_LINE : MAX_LINE, MAX_HEADERS, ApiResponse.BUFFER),
                new Connection(handler, client, place, timeouts, requestThreads, meter));
    }

    /**
     * Waits up to a second for each thread whose connection was closed. Returns early, with the
     * interrupt status set, if interrupted.
     */
    static void joinAll(Set<Thread> requestThreads) {
        try {
            for (Thread thread : requestThreads) {
                thread.join(Duration.ofSeconds(1));
            }
        } catch (InterruptedException _) {
            // The caller wants to stop now: return without waiting for them.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        expectRequest(context);
    }

    private void expectRequest(ChannelHandlerContext context) {
        Duration limit = place.trusted() ? timeouts.request() : timeouts.untrusted();
        idle = context.executor().schedule(() -> context.close(), limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (complete) {
                // A client may send one request ahead, because it can read a response before this
                // thread has seen its end. More than one is not accepted.
                if (++overrun > MAX_OVERRUN) {
                    context.close();
                }
                return;
            }
            if (message instanceof HttpRequest head) {
                request = head;
                int read = handler.bodyLimit(head);
                body = read > 0 ? new ByteArrayOutputStream() : null;
                maxBody = read > 0 ? read : MAX_BODY;
                if (meter != null) {
                    meter.headEnded();
                }
                bodyBytes = 0;
                malformed = head.decoderResult().isFailure();
            }
            if (message instanceof LastHttpContent && meter != null) {
                meter.bodyEnded();
            }
            if (message instanceof HttpContent content) {
                bodyBytes += content.content().readableBytes();
                malformed |= content.decoderResult().isFailure();
                if (body != null && bodyBytes <= maxBody) {
                    body.writeBytes(ByteBufUtil.getBytes(content.content()));
                }
            }
            complete = request != null && (message instanceof LastHttpContent || bodyBytes > maxBody || malformed);
            if (complete && request != null && serving == null) {
                if (meter != null && tooLong(request)) {
                    refuse(context, TOO_LONG);
                } else {
                    dispatch(context, request);
                }
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void cancelIdle() {
        if (idle != null) {
            idle.cancel(false);
        }
    }

    /** A request with the part of its body that the handler reads. */
    private static HttpRequest whole(HttpRequest head, ByteArrayOutputStream body) {
        FullHttpRequest whole = new DefaultFullHttpRequest(
                head.protocolVersion(),
                head.method(),
                head.uri(),
                Unpooled.wrappedBuffer(body.toByteArray()),
                head.headers(),
                EmptyHttpHeaders.INSTANCE);
        whole.setDecoderResult(head.decoderResult());
        return whole;
    }

    private void dispatch(ChannelHandlerContext context, HttpRequest received) {
        cancelIdle();
        HttpRequest head = body == null ? received : whole(received, body);
        body = null;
        int limit = maxBody;
        boolean tooLarge = bodyBytes > limit;
        boolean sound = !tooLarge && !malformed;
        // The memory for it is given back when the connection ends.
        boolean large = meter != null && meter.used();
        ApiResponse response = new ApiResponse(
                context.channel(), timeouts.request(), head, sound && !large && HttpUtil.isKeepAlive(head));
        request = null;
        place.serving();
        // What follows a malformed request is not parsed as a request.
        complete = !sound;
        serving = Threads.startVirtual("api/" + context.channel().id().asShortText(), () -> {
            requestThreads.add(Thread.currentThread());
            try {
                serve(context.channel(), head, tooLarge ? limit : 0, sound, response);
                context.executor().execute(() -> requestDone(context));
            } finally {
                requestThreads.remove(Thread.currentThread());
            }
        });
    }

    /**
     * Leaves the pipeline, and lets another protocol use the connection, which gives its place back.
     *
     * @return false if the connection is closed, or the client sent more than the request
     */
    boolean handOver(ChannelPipeline pipeline, Consumer<ChannelPipeline> protocol) {
        if (!pipeline.channel().isActive() || overrun > 0 || request != null) {
            return false;
        }
        handedOver = true;
        pipeline.remove(this);
        if (meter != null) {
            pipeline.remove(meter);
        }
        place.leave();
        protocol.accept(pipeline);
        return true;
    }

    private void requestDone(ChannelHandlerContext context) {
        if (handedOver) {
            return;
        }
        serving = null;
        place.waiting();
        if (overrun > 0) {
            context.close();
        } else if (complete && request != null) {
            dispatch(context, request);
        } else if (context.channel().isActive()) {
            expectRequest(context);
        }
    }

    /** @param exceeded the limit that the body exceeds; 0 if it does not */
    private void serve(Channel channel, HttpRequest head, int exceeded, boolean sound, ApiResponse response) {
        try (response) {
            try {
                handle(channel, head, exceeded, sound, response);
            } catch (ApiResponse.HeadSentException _) {
                LOG.debug("request {} has got the head of its response", printable(head.uri()));
            } catch (ApiError error) {
                sendError(error, response);
            } catch (RuntimeException bug) {
                LOG.error("internal error while serving {}", printable(head.uri()), bug);
                sendError(ApiError.internal("internal error: " + bug), response);
            }
        } catch (IOException gone) {
            LOG.debug("request {} was aborted: {}", printable(head.uri()), gone.getMessage());
            response.abort();
        } catch (InterruptedException _) {
            // The client closed the connection, or the server stops.
            response.abort();
        }
    }

    private void handle(Channel channel, HttpRequest head, int exceeded, boolean sound, ApiResponse response)
            throws IOException, InterruptedException {
        if (head.decoderResult().isFailure()) {
            throw tooLong(head) ? TOO_LONG : ApiError.badRequest("malformed request");
        }
        if (exceeded > 0) {
            throw ApiError.tooLarge("the request body is longer than " + exceeded + " bytes");
        }
        if (!sound) {
            throw ApiError.badRequest("malformed request body");
        }
        ApiRequest parsed = ApiRequest.parse(head, client);
        Optional<String> user = handler.authorize(channel, head, parsed);
        if (user.isPresent()) {
            channel.eventLoop().execute(place::trust);
        }
        ApiRequest request = user.map(parsed::by).orElse(parsed);
        HttpMethod method = head.method();
        boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        if (!reads && !(method.equals(HttpMethod.POST) && handler.acceptsPost(request))) {
            throw ApiError.methodNotAllowed("only GET and HEAD are supported here: this API is read-only");
        }
        if (head.protocolVersion().majorVersion() != 1) {
            throw ApiError.badRequest("only HTTP/1.0 and HTTP/1.1 are supported");
        }
        handler.serve(request, response);
    }

    private static boolean tooLong(HttpRequest head) {
        Throwable cause = head.decoderResult().cause();
        return cause instanceof TooLongHttpLineException || cause instanceof TooLongHttpHeaderException;
    }

    private static void sendError(ApiError error, ApiResponse response) throws IOException {
        if (response.started()) {
            throw new IOException(error.getMessage(), error);
        }
        response.reset();
        Endpoints.error(error, response);
    }

    /** Returns a text from the client with control characters replaced, for a log line. */
    private static String printable(String text) {
        return text.codePoints()
                .limit(200)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event != LongLines.REFUSED) {
            context.fireUserEventTriggered(event);
        } else if (serving != null) {
            context.close(); // it sends ahead
        } else {
            refuse(context, NO_ROOM);
        }
    }

    /** Sends a response while the client may still send its request, the rest of which is dropped. */
    private void refuse(ChannelHandlerContext context, ApiError error) {
        cancelIdle();
        request = null;
        body = null;
        complete = true;
        context.writeAndFlush(response(error));
        context.executor().schedule(() -> context.close(), LINGER.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static FullHttpResponse response(ApiError error) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(error.code()), Unpooled.buffer());
        try (ByteBufOutputStream body = new ByteBufOutputStream(response.content())) {
            Endpoints.write(error, body);
        } catch (IOException e) {
            throw new UncheckedIOException("a buffer in memory fails", e);
        }
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        return response;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        cancelIdle();
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
