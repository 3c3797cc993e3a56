/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.pod.PodNetwork;
import io.jubelet.pod.PodNetwork.Dns;
import io.jubelet.pod.PodNetwork.DnsPolicy;
import io.jubelet.pod.PodNetwork.HostAlias;
import io.jubelet.schema.Names;
import io.jubelet.schema.NetworkFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Parses and validates the host name and DNS fields of a pod. */
final class NetworkParser {

    /** The limit of the kernel. */
    private static final int MAX_HOST_NAME_LENGTH = 64;

    private static final int MAX_SERVERS = 3;
    private static final int MAX_SEARCHES = 32;
    private static final int MAX_SEARCH_CHARACTERS = 2048;

    private NetworkParser() {}

    static PodNetwork parse(FieldReader spec, boolean hostNetwork) {
        String hostname = spec.text("hostname", "");
        if (!hostname.isEmpty()) {
            spec.note("hostname", Names.checkLabel(hostname));
        }
        String subdomain = spec.text("subdomain", "");
        if (!subdomain.isEmpty()) {
            spec.note("subdomain", Names.checkLabel(subdomain));
        }
        boolean fqdn = spec.flag("setHostnameAsFQDN", false);
        DnsPolicy policy = spec.choice("dnsPolicy", DnsPolicy.values());
        return new PodNetwork(
                hostname,
                subdomain,
                fqdn,
                spec.has("hostnameOverride") ? Optional.of(override(spec, hostNetwork, fqdn)) : Optional.empty(),
                Optional.ofNullable(policy),
                dns(spec, policy),
                spec.has("hostAliases") ? hostAliases(spec) : List.of());
    }

    private static String override(FieldReader spec, boolean hostNetwork, boolean fqdn) {
        String override = spec.text("hostnameOverride", "");
        if (fqdn) {
            spec.error("hostnameOverride", "cannot be combined with setHostnameAsFQDN; leave out one of them");
        }
        if (hostNetwork) {
            spec.error(
                    "hostnameOverride",
                    "cannot be combined with hostNetwork because such a pod has the host name of the node");
        }
        if (override.length() > MAX_HOST_NAME_LENGTH) {
            spec.error(
                    "hostnameOverride",
                    "is " + override.length() + " characters long; at most " + MAX_HOST_NAME_LENGTH + " are allowed");
        } else {
            spec.note("hostnameOverride", Names.checkSubdomain(override));
        }
        return override;
    }

    // --- name servers

    private static Dns dns(FieldReader spec, @Nullable DnsPolicy policy) {
        FieldReader config = spec.has("dnsConfig") ? spec.mapping("dnsConfig", NetworkFields.DNS_CONFIG) : null;
        if (policy == DnsPolicy.None && !spec.has("dnsConfig")) {
            spec.error(
                    "dnsConfig", "is required with dnsPolicy None; write \"dnsConfig: {nameservers: [192.0.2.53]}\"");
        }
        if (config == null) {
            return Dns.NONE;
        }
        List<String> servers = config.texts("nameservers");
        if (policy == DnsPolicy.None && servers.isEmpty()) {
            config.error("nameservers", "must have at least one address with dnsPolicy None");
        }
        if (servers.size() > MAX_SERVERS) {
            config.error(
                    "nameservers", "has " + servers.size() + " addresses; at most " + MAX_SERVERS + " are allowed");
        }
        for (String server : servers) {
            config.noteItem("nameservers", server, Names.checkIp(server));
        }
        return new Dns(servers, searches(config), options(config));
    }

    private static List<String> searches(FieldReader config) {
        List<String> searches = config.texts("searches");
        if (searches.size() > MAX_SEARCHES) {
            config.error("searches", "has " + searches.size() + " domains; at most " + MAX_SEARCHES + " are allowed");
        }
        int characters = String.join(" ", searches).length();
        if (characters > MAX_SEARCH_CHARACTERS) {
            config.error(
                    "searches",
                    "has " + characters + " characters in all; at most " + MAX_SEARCH_CHARACTERS + " are allowed");
        }
        for (String search : searches) {
            if (!search.equals(".")) {
                String domain = search.endsWith(".") ? search.substring(0, search.length() - 1) : search;
                config.note("searches", Names.checkSearch(domain));
            }
        }
        return searches;
    }

    private static List<Dns.Option> options(FieldReader config) {
        List<Dns.Option> options = new ArrayList<>();
        for (FieldReader option : config.mappings("options", NetworkFields.DNS_OPTION)) {
            String name = option.requiredText("name", "ndots");
            String value = option.text("value", "");
            if (name != null) {
                options.add(new Dns.Option(name, option.has("value") ? Optional.of(value) : Optional.empty()));
            }
        }
        return options;
    }

    // --- hosts

    private static List<HostAlias> hostAliases(FieldReader spec) {
        List<HostAlias> aliases = new ArrayList<>();
        for (FieldReader alias : spec.mappings("hostAliases", NetworkFields.HOST_ALIAS)) {
            String ip = alias.requiredText("ip", "192.0.2.1");
            if (ip != null) {
                alias.note("ip", Names.checkIp(ip));
            }
            List<String> names = new ArrayList<>();
            List<Node> written = alias.items("hostnames");
            for (String name : alias.texts("hostnames")) {
                alias.noteItem("hostnames", name, Names.checkSubdomain(name));
                names.add(name);
            }
            if (ip != null && names.size() == written.size()) {
                aliases.add(new HostAlias(ip, names));
            }
        }
        return aliases;
    }
}
