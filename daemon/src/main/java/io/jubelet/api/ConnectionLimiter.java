/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which connections of a listener stay open when there are too many.
 *
 * <p>There are places for untrusted clients, which one party can only occupy in part, and places
 * that are kept for trusted ones. A new connection that finds no place takes that of the connection
 * that has waited longest for a request: of its own party if that has used up its share, otherwise
 * of the party with the most connections. Only if all of these are being served, the new connection
 * is refused. So connections that do nothing keep no client out.
 *
 * <p>Confined to the loop thread of the listener.
 */
final class ConnectionLimiter {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimiter.class);

    /** Because anyone can connect as often as they like. */
    private static final Duration LOG_INTERVAL = Duration.ofMinutes(1);

    /**
     * @param trusted how many places are kept for trusted clients
     * @param untrusted how many connections all others may have
     * @param perParty how many of those one party may have
     */
    record Limits(int trusted, int untrusted, int perParty) {}

    /** The place of one connection. */
    final class Place {
        private final Channel channel;
        private final String party;
        private boolean trusted;
        private boolean serving;

        private Place(Channel channel, String party) {
            this.channel = channel;
            this.party = party;
        }

        boolean trusted() {
            return trusted;
        }

        /** A request is served now. */
        void serving() {
            serving = true;
        }

        /** The connection waits for the next request. */
        void waiting() {
            serving = false;
            if (open.remove(this)) {
                open.add(this);
            }
        }

        /** The connection is no longer one of this listener's requests, and is limited otherwise from now on. */
        void leave() {
            open.remove(this);
        }

        /** The client was authenticated: it moves to the places of trusted clients, if one is free or waits. */
        void trust() {
            if (!trusted && open.contains(this)) {
                trusted = makeRoom(limits.trusted(), true, "");
            }
        }
    }

    private final Limits limits;
    /** Ordered by the time since when they wait. */
    private final Set<Place> open = new LinkedHashSet<>();

    private final Consumer<Channel> end;
    private final IntConsumer log;
    /** Since the last line in the log; and whether there was one within the interval. */
    private int closed;

    private boolean logged;

    /**
     * @param what the listener, for messages
     * @param end closes a connection without waiting for its client
     */
    ConnectionLimiter(String what, Limits limits, Consumer<Channel> end) {
        this(
                limits,
                end,
                count -> LOG.warn(
                        "{}: closed {} connections because there were too many; at most {} of one user or address and"
                                + " {} in all may be open, and {} more are kept for root or authenticated clients",
                        what,
                        count,
                        limits.perParty(),
                        limits.untrusted(),
                        limits.trusted()));
    }

    /** @param log gets the number of connections that were closed since the last call */
    ConnectionLimiter(Limits limits, Consumer<Channel> end, IntConsumer log) {
        this.limits = limits;
        this.end = end;
        this.log = log;
    }

    /**
     * Gives a new connection a place until it is closed.
     *
     * @return null if there is none, and the connection is closed
     */
    @Nullable
    Place admit(Channel channel, Client client) {
        Place place = new Place(channel, client.party());
        if (client.trusted() && makeRoom(limits.trusted(), true, "")) {
            place.trusted = true;
        } else if (count(client.party()) >= limits.perParty()
                ? !makeRoom(0, false, client.party())
                : !makeRoom(limits.untrusted(), false, "")) {
            close(channel);
            return null;
        }
        open.add(place);
        channel.closeFuture().addListener(_ -> open.remove(place));
        return place;
    }

    private int count(String party) {
        int count = 0;
        for (Place place : open) {
            count += !place.trusted && place.party.equals(party) ? 1 : 0;
        }
        return count;
    }

    /**
     * Closes a connection if there are too many.
     *
     * @param limit how many there may be
     * @param trusted which kind is counted
     * @param party whose connection is closed; empty for that of the party with the most
     * @return whether there is room for one more
     */
    private boolean makeRoom(int limit, boolean trusted, String party) {
        int all = 0;
        Map<String, Integer> waiting = new HashMap<>();
        for (Place place : open) {
            if (place.trusted == trusted) {
                all++;
                if (!place.serving && (party.isEmpty() || party.equals(place.party))) {
                    waiting.merge(place.party, 1, Integer::sum);
                }
            }
        }
        if (all < limit) {
            return true;
        }
        String most = "";
        int mostWaiting = 0;
        for (Map.Entry<String, Integer> entry : waiting.entrySet()) {
            if (entry.getValue() > mostWaiting) {
                most = entry.getKey();
                mostWaiting = entry.getValue();
            }
        }
        for (Place place : open) {
            if (place.trusted == trusted && !place.serving && place.party.equals(most)) {
                open.remove(place);
                close(place.channel);
                return true;
            }
        }
        return false;
    }

    private void close(Channel channel) {
        count(channel);
        end.accept(channel);
    }

    /** Closes a connection at once. */
    static void abort(Channel channel) {
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first == null) {
            channel.close();
        } else {
            // From the head of the pipeline: TLS would first wait until its farewell is sent.
            first.close();
        }
    }

    /** Counts a connection that was closed or refused. Logs the first at once, and the others every minute. */
    private void count(Channel channel) {
        closed++;
        if (!logged) {
            log(channel);
        }
    }

    private void log(Channel channel) {
        logged = closed > 0;
        if (logged) {
            log.accept(closed);
            closed = 0;
            // The loop of the listener, which outlives this connection.
            channel.parent().eventLoop().schedule(() -> log(channel), LOG_INTERVAL.toSeconds(), TimeUnit.SECONDS);
        }
    }
}
