/**
 * Who may pull which image: credentials from files of the node, from plugins, and from Secrets that pods name.
 *
 * <p>In come files, answers of plugins and Secrets; out go the credentials that fit an image, the most specific first.
 * Everything is read when a pull is about to begin, on the thread of the pull, and nothing but answers of plugins is kept. No
 * text made here shows a secret; each credential tells where it is from.
 */
package io.jubelet.credentials;
