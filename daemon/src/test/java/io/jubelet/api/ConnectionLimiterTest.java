/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConnectionLimiterTest {

    private static final Client ALICE = new Client("alice", false);
    private static final Client BOB = new Client("bob", false);
    private static final Client CAROL = new Client("carol", false);
    private static final Client ROOT = new Client("root", true);

    private final EmbeddedChannel listener = new EmbeddedChannel();
    private final List<Integer> logged = new ArrayList<>();
    /** Two places for root, six for the others, four of them for one of these. */
    private final ConnectionLimiter limiter =
            new ConnectionLimiter(new ConnectionLimiter.Limits(2, 6, 4), ConnectionLimiter::abort, logged::add);

    private record Opened(EmbeddedChannel channel, ConnectionLimiter.Place place) {}

    private Opened open(Client client) {
        EmbeddedChannel channel = new EmbeddedChannel(listener, DefaultChannelId.newInstance(), true, false);
        return new Opened(channel, limiter.admit(channel, client));
    }

    private List<Opened> open(int count, Client client) {
        List<Opened> opened = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            opened.add(open(client));
        }
        return opened;
    }

    private static long alive(List<Opened> opened) {
        return opened.stream().filter(each -> each.channel().isOpen()).count();
    }

    @Test
    void oneUserLosesTheLongestIdleConnectionBeyondItsShare() {
        List<Opened> four = open(4, ALICE);
        assertEquals(4, alive(four));
        Opened fifth = open(ALICE);
        assertNotNull(fifth.place());
        assertFalse(four.getFirst().channel().isOpen());
        assertEquals(3, alive(four));
    }

    @Test
    void whatIsServedStaysAndTheNewConnectionIsRefused() {
        List<Opened> four = open(4, ALICE);
        four.forEach(each -> each.place().serving());
        Opened beyond = open(ALICE);
        assertNull(beyond.place());
        assertFalse(beyond.channel().isOpen());
        assertEquals(4, alive(four));
        assertNotNull(open(BOB).place(), "another user has places left");
        four.get(1).place().waiting();
        assertNotNull(open(ALICE).place());
        assertFalse(four.get(1).channel().isOpen());
    }

    @Test
    void usersShareTheirPlacesFairly() {
        List<Opened> alice = open(4, ALICE);
        List<Opened> bob = open(2, BOB);
        assertNotNull(open(CAROL).place());
        assertEquals(3, alive(alice), "the user with the most loses one");
        assertEquals(2, alive(bob));
    }

    @Test
    void placesAreKeptForRoot() {
        List<Opened> users = open(4, ALICE);
        users.addAll(open(2, BOB));
        users.forEach(each -> each.place().serving());
        List<Opened> root = open(2, ROOT);
        assertEquals(2, alive(root));
        assertEquals(6, alive(users));
        assertTrue(root.getFirst().place().trusted());
        assertNotNull(open(ROOT).place(), "in the place of an idle one of root");
        assertEquals(1, alive(root));
    }

    @Test
    void rootUsesThePlacesOfOthersWhenItsOwnAreServed() {
        open(2, ROOT).forEach(each -> each.place().serving());
        Opened third = open(ROOT);
        assertNotNull(third.place());
        assertFalse(third.place().trusted());
    }

    @Test
    void authenticatedConnectionsDoNotCountAmongTheOthers() {
        List<Opened> alice = open(2, ALICE);
        alice.forEach(each -> {
            each.place().serving();
            each.place().trust();
        });
        assertEquals(4, alive(open(4, ALICE)));
        assertEquals(2, alive(alice));
        Opened beyond = open(BOB);
        beyond.place().trust();
        assertFalse(beyond.place().trusted(), "there are two places for trusted clients, and both are served");
    }

    @Test
    void closedConnectionsGiveTheirPlacesBack() {
        List<Opened> four = open(4, ALICE);
        four.forEach(each -> each.place().serving());
        four.get(2).channel().close();
        assertNotNull(open(ALICE).place());
        assertEquals(List.of(), logged);
    }

    @Test
    void tellsOfTheFirstAtOnceAndOfTheOthersOnceAMinute() {
        open(5, ALICE);
        assertEquals(List.of(1), logged);
        List<Opened> flood = open(1000, ALICE);
        assertEquals(List.of(1), logged);
        listener.advanceTimeBy(59, TimeUnit.SECONDS);
        listener.runScheduledPendingTasks();
        assertEquals(List.of(1), logged);
        listener.advanceTimeBy(1, TimeUnit.SECONDS);
        listener.runScheduledPendingTasks();
        assertEquals(List.of(1, 1000), logged);
        assertEquals(4, alive(flood));
    }

    @Test
    void anAddressOfIpv6CountsByItsNetwork() throws Exception {
        assertEquals("192.0.2.7", TcpPort.party(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.7"), 1)));
        String one = TcpPort.party(new InetSocketAddress(InetAddress.ofLiteral("2001:db8:1:2:aaaa::1"), 1));
        String two = TcpPort.party(new InetSocketAddress(InetAddress.ofLiteral("2001:db8:1:2:bbbb::2"), 1));
        String far = TcpPort.party(new InetSocketAddress(InetAddress.ofLiteral("2001:db8:1:3::1"), 1));
        assertEquals(one, two);
        assertFalse(one.equals(far));
    }
}
