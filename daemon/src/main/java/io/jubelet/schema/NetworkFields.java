package io.jubelet.schema;

import io.jubelet.document.FieldTable;

/** The fields of a pod's names and name servers; apart from {@link PodFields}, for hardly any manifest has them. */
public final class NetworkFields {

    public static final FieldTable DNS_CONFIG =
            FieldTable.of("dnsConfig").honoured("nameservers", "searches", "options");

    public static final FieldTable DNS_OPTION =
            FieldTable.of("an option of dnsConfig").honoured("name", "value");

    public static final FieldTable HOST_ALIAS = FieldTable.of("a host alias").honoured("ip", "hostnames");

    private NetworkFields() {}
}
