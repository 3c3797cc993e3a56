/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.authorization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.api.RequestAuthorizer.Call;
import io.jubelet.api.RequestAuthorizer.Decision;
import io.jubelet.certificate.TestAuthority;
import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import io.jubelet.kubeapi.ApiObject;
import io.jubelet.kubeapi.KubeApiException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which requests are allowed, with a fake API server. */
class DelegatedAuthorizerTest {

    private static final Instant NOW = Instant.now().minusSeconds(60);
    private static final TestAuthority AUTHORITY = new TestAuthority("CN=authority");
    private static final X509Certificate READER = AUTHORITY
            .issue("O=readers, O=others, CN=reader", NOW, NOW.plus(Duration.ofDays(1)))
            .certificate();

    private static final String REVIEW = "{\"status\":{\"allowed\":%s}}";

    private final List<String> asked = new ArrayList<>();
    private Instant now = NOW;
    private boolean away;
    /** What may be done: each text has to be in the question. */
    private List<String> allowed = List.of();

    private String tokenUser = "{\"status\":{\"authenticated\":false}}";

    private DelegatedAuthorizer gate(boolean tokens, boolean reviews) {
        AccessReviewer reviewer = this::review;
        return new DelegatedAuthorizer(
                chain -> chain.getFirst().equals(READER),
                Optional.of(reviewer).filter(_ -> tokens),
                Optional.of(reviewer).filter(_ -> reviews),
                "n1",
                new DelegatedAuthorizer.Ttl(Duration.ofMinutes(2), Duration.ofMinutes(5), Duration.ofSeconds(30)),
                () -> now);
    }

    private ApiObject review(String path, String object) {
        asked.add(path.substring(path.lastIndexOf('/') + 1) + " " + object);
        if (away) {
            throw new KubeApiException.Unreachable("the API server is unreachable: it is away", null);
        }
        String answer = path.endsWith("tokenreviews")
                ? tokenUser
                : REVIEW.formatted(allowed.stream().anyMatch(object::contains));
        return new ApiObject((Node.Mapping) Documents.readJson(answer, new Findings()));
    }

    private static Call call(String path, X509Certificate... certificates) {
        return new Call(List.of(certificates), Optional.empty(), "GET", List.of(path.split("/")));
    }

    private static Call withToken(String token, String path) {
        return new Call(List.of(), Optional.of(token), "GET", List.of(path));
    }

    private static String subresource(String name) {
        return "\"subresource\":\"" + name + "\"";
    }

    /** A review of a user with groups of 40 characters. */
    private static String userWithGroups(int groups) {
        String group = "\"" + "g".repeat(40) + "\"";
        return "{\"status\":{\"authenticated\":true,\"user\":{\"username\":\"u\",\"groups\":["
                + String.join(",", Collections.nCopies(groups, group)) + "]}}}";
    }

    @Test
    void aUserOfVeryManyGroupsIsNotKept() throws Exception {
        allowed = List.of("\"user\":\"u\"");
        tokenUser = userWithGroups(320);
        assertEquals(new Decision.Allowed("u"), gate(true, true).authorize(withToken("t", "pods")));
        tokenUser = userWithGroups(340);
        Decision.Unavailable refused =
                assertInstanceOf(Decision.Unavailable.class, gate(true, true).authorize(withToken("t", "pods")));
        assertTrue(refused.toString().contains("more than 32768 bytes about the user"), refused::toString);
    }

    @Test
    void theApiServerIsAskedWhatTheUserOfTheCertificateMay() throws Exception {
        allowed = List.of(subresource("proxy"));
        Decision decision = gate(true, true).authorize(call("containerLogs/default/web/app", READER));
        assertEquals(new Decision.Allowed("reader"), decision);
        assertEquals(1, asked.size(), asked::toString);
        String question = asked.getFirst();
        assertTrue(question.startsWith("subjectaccessreviews "), question);
        assertTrue(
                question.contains(
                        "\"user\":\"reader\",\"uid\":\"\",\"groups\":[\"readers\",\"others\",\"system:authenticated\"]"),
                question);
        assertTrue(question.contains("\"authentication.kubernetes.io/credential-id\":[\"X509SHA256="), question);
        assertTrue(
                question.endsWith("\"resourceAttributes\":{\"version\":\"v1\",\"resource\":\"nodes\",\"name\":\"n1\","
                        + "\"verb\":\"get\",\"subresource\":\"proxy\"}}}"),
                question);
    }

    @Test
    void anyOfTheSubresourcesIsEnoughAndTheNarrowestIsAskedFirst() throws Exception {
        allowed = List.of(subresource("proxy"));
        assertEquals(new Decision.Allowed("reader"), gate(false, true).authorize(call("pods", READER)));
        assertEquals(2, asked.size());
        assertTrue(asked.getFirst().contains(subresource("pods")), asked::toString);
        allowed = List.of(subresource("healthz"));
        asked.clear();
        assertEquals(new Decision.Allowed("reader"), gate(false, true).authorize(call("healthz", READER)));
        assertEquals(1, asked.size());
    }

    @Test
    void whoMayNotIsToldWhatIsMissing() throws Exception {
        Decision.Forbidden no =
                assertInstanceOf(Decision.Forbidden.class, gate(true, true).authorize(call("pods", READER)));
        assertEquals(
                "Forbidden (user=reader, verb=get, resource=nodes, name=n1, subresource(s)=pods or proxy)",
                no.message());
    }

    @Test
    void answersCountForTheirTimeAndNoLonger() throws Exception {
        DelegatedAuthorizer gate = gate(false, true);
        Call call = call("containerLogs", READER);
        assertInstanceOf(Decision.Forbidden.class, gate.authorize(call));
        now = now.plusSeconds(29);
        assertInstanceOf(Decision.Forbidden.class, gate.authorize(call));
        assertEquals(1, asked.size());
        allowed = List.of("");
        now = now.plusSeconds(1);
        assertEquals(new Decision.Allowed("reader"), gate.authorize(call));
        assertEquals(2, asked.size());
        allowed = List.of();
        now = now.plus(Duration.ofMinutes(5)).minusMillis(1);
        assertEquals(new Decision.Allowed("reader"), gate.authorize(call));
        now = now.plusMillis(1);
        assertInstanceOf(Decision.Forbidden.class, gate.authorize(call));
        assertEquals(3, asked.size());
    }

    @Test
    void nobodyNewIsLetInWhileTheApiServerIsAway() throws Exception {
        allowed = List.of(subresource("proxy"));
        DelegatedAuthorizer gate = gate(true, true);
        assertEquals(new Decision.Allowed("reader"), gate.authorize(call("containerLogs", READER)));
        away = true;
        assertEquals(
                new Decision.Allowed("reader"),
                gate.authorize(call("containerLogs", READER)),
                "what is known counts on");
        Decision.Unavailable pods = assertInstanceOf(Decision.Unavailable.class, gate.authorize(call("pods", READER)));
        assertEquals(
                "cannot authorize the request (user=reader, verb=get, resource=nodes, name=n1, subresource=pods):"
                        + " the API server is unreachable: it is away",
                pods.message());
        assertInstanceOf(Decision.Unavailable.class, gate.authorize(withToken("t", "pods")));
        away = false;
        assertEquals(
                new Decision.Allowed("reader"), gate.authorize(call("pods", READER)), "a failure is not remembered");
    }

    @Test
    void strangersAreNotAskedFor() throws Exception {
        X509Certificate stranger = new TestAuthority("CN=another")
                .issue("O=system:masters, CN=reader", NOW, NOW.plus(Duration.ofDays(1)))
                .certificate();
        allowed = List.of("");
        assertInstanceOf(Decision.Unauthenticated.class, gate(true, true).authorize(call("pods", stranger)));
        assertInstanceOf(Decision.Unauthenticated.class, gate(true, true).authorize(call("pods")));
        X509Certificate nameless = AUTHORITY
                .issue("O=system:masters", NOW, NOW.plus(Duration.ofDays(1)))
                .certificate();
        assertEquals(Optional.empty(), UserInfo.of(nameless));
        assertEquals(List.of(), asked);
    }

    @Test
    void tokensAreReviewedOnceAndNeverKept() throws Exception {
        tokenUser =
                "{\"status\":{\"authenticated\":true,\"user\":{\"username\":\"system:serviceaccount:a:b\",\"uid\":\"7\","
                        + "\"groups\":[\"system:serviceaccounts\"],\"extra\":{\"k\":[\"v\",\"w\"]}}}}";
        allowed = List.of(subresource("pods"));
        DelegatedAuthorizer gate = gate(true, true);
        assertEquals(new Decision.Allowed("system:serviceaccount:a:b"), gate.authorize(withToken("secret", "pods")));
        assertEquals(new Decision.Allowed("system:serviceaccount:a:b"), gate.authorize(withToken("secret", "pods")));
        assertEquals(2, asked.size(), asked::toString);
        assertTrue(asked.getFirst().startsWith("tokenreviews "), asked::toString);
        assertTrue(asked.getFirst().contains("\"spec\":{\"token\":\"secret\"}"), asked::toString);
        assertTrue(
                asked.getLast()
                        .contains(
                                "\"user\":\"system:serviceaccount:a:b\",\"uid\":\"7\",\"groups\":[\"system:serviceaccounts\","
                                        + "\"system:authenticated\"],\"extra\":{\"k\":[\"v\",\"w\"]}"),
                asked::toString);
        tokenUser = "{\"status\":{\"authenticated\":false,\"user\":{\"username\":\"x\"}}}";
        assertEquals(new Decision.Allowed("system:serviceaccount:a:b"), gate.authorize(withToken("secret", "pods")));
        assertInstanceOf(Decision.Unauthenticated.class, gate.authorize(withToken("other", "pods")));
        now = now.plus(Duration.ofMinutes(2));
        assertInstanceOf(Decision.Unauthenticated.class, gate.authorize(withToken("secret", "pods")));
    }

    @Test
    void tokensSayNothingWhereNobodyKnowsThem() throws Exception {
        assertInstanceOf(Decision.Unauthenticated.class, gate(false, false).authorize(withToken("secret", "pods")));
        assertEquals(new Decision.Allowed("reader"), gate(false, false).authorize(call("pods", READER)));
        assertEquals(List.of(), asked);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET    | pods                  | get    | pods proxy
            GET    | runningpods           | get    | pods proxy
            GET    | healthz/log           | get    | healthz proxy
            GET    | configz               | get    | configz proxy
            GET    | flagz                 | get    | configz
            GET    | stats/summary         | get    | stats
            GET    | metrics/cadvisor      | get    | metrics
            GET    | logs/syslog           | get    | log
            GET    | statusz               | get    | statusz
            POST   | checkpoint/a/b/c      | create | checkpoint
            POST   | exec/default/web/app  | create | proxy
            GET    | exec/default/web/app  | create | proxy
            HEAD   | exec/default/web/app  | create | proxy
            BREW   | exec/default/web/app  | create | proxy
            GET    | attach/a/b/c          | create | proxy
            GET    | run/a/b/c             | create | proxy
            PUT    | run/a/b/c             | create | proxy
            GET    | portForward/a/b       | create | proxy
            GET    | Exec/default/web/app  | get    | proxy
            GET    | portforward/a/b       | get    | proxy
            GET    | pods/exec             | get    | pods proxy
            GET    | containerLogs/a/b/c   | get    | proxy
            GET    | podsx                 | get    | proxy
            PUT    | pods                  | update | pods proxy
            PATCH  | pods                  | patch  | pods proxy
            DELETE | pods                  | delete | pods proxy
            HEAD   | pods                  | get    | pods proxy
            OPTION | pods                  | ''     | pods proxy
            get    | pods                  | ''     | pods proxy
            """)
    void requestsAreWhatTheKubeletTakesThemForAndActionsNeedCreate(
            String method, String path, String verb, String subresources) {
        assertEquals(
                new RequestAttributes(verb, List.of(subresources.split(" "))),
                RequestAttributes.of(method, List.of(path.split("/"))));
    }

    @Test
    void namesAreReadAsGoReadsThem() {
        X509Certificate odd = AUTHORITY
                .issue("CN=first, O=a\\, b+O=c, CN=last\\=\\\"x, OU=unit", NOW, NOW.plus(Duration.ofDays(1)))
                .certificate();
        UserInfo caller = UserInfo.of(odd).orElseThrow();
        assertEquals("last=\"x", caller.name());
        assertEquals(List.of("a, b", "c", "system:authenticated"), caller.groups());
    }

    @Test
    void onlySoManyAnswersAreKept() {
        ExpiringCache<Boolean> cache = new ExpiringCache<>(2);
        Instant later = now.plusSeconds(1);
        cache.put("a", true, later);
        cache.put("b", false, later);
        assertEquals(Optional.of(true), cache.get("a", now));
        cache.put("c", true, later);
        assertEquals(Optional.empty(), cache.get("b", now));
        assertEquals(Optional.of(true), cache.get("a", now));
        assertEquals(Optional.empty(), cache.get("a", later));
    }
}
