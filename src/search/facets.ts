/** How many documents there are of each collection and type among what was found. */

export interface Facets {
  /** Most documents first. */
  collections: { id: string; name: string; documents: number }[]
  types: { type: string; documents: number }[]
}

interface Found {
  documentId: string
  type: string
  collectionId: string
  collection: string
}

export function countFacets(found: readonly Found[]): Facets {
  const documents = [...new Map(found.map((one) => [one.documentId, one])).values()]
  const collections = Map.groupBy(documents, ({ collectionId }) => collectionId)
  const types = Map.groupBy(documents, ({ type }) => type)
  return {
    collections: [...collections]
      .map(([id, list]) => ({ id, name: list[0]!.collection, documents: list.length }))
      .sort((a, b) => b.documents - a.documents || (a.name < b.name ? -1 : 1)),
    types: [...types]
      .map(([type, list]) => ({ type, documents: list.length }))
      .sort((a, b) => b.documents - a.documents || (a.type < b.type ? -1 : 1)),
  }
}
