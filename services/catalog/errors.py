"""What can go wrong here, as problem+json codes.

InvalidInput 422
  NotAUrl not_a_url · AddressRefused addon_address_refused · NotAnAddon not_an_addon
  OrderMismatch order_mismatch · RowsUnreadable imdb_rows_unreadable
  LibraryRowsUnreadable library_rows_unreadable
  NotAProvider not_a_provider · ProviderRefused provider_refused
NotFound 404
  AddonNotFound addon_not_found · CatalogNotFound catalog_not_found · TitleNotFound title_not_found
  RatingNotFound rating_not_found · NotFoundBySearch not_found_by_search
  TitleChoiceNotFound title_choice_not_found · ProviderNotFound provider_not_found
  ItemNotFound library_item_not_found
Conflict 409
  AddonExists addon_exists · TooManyAddons too_many_addons · BuiltinAddon builtin_addon
  ProviderExists provider_exists · TooManyProviders too_many_providers
  TooManyMatchChoices too_many_match_choices
  TooManyTitleChoices too_many_title_choices · OneEntry one_entry · TooManyMergedRows too_many_merged_rows
  NotToMerge not_to_merge · NotOfThisRow not_of_this_row · ChangedMeanwhile changed_meanwhile
  StagingTaken imdb_staging_taken · RowTwice imdb_row_twice · NothingToKeep imdb_nothing_to_keep
  WouldRemoveTooMuch imdb_would_remove_too_much
  RunEnded run_ended · LibraryWouldShrink would_remove_too_much · NotConfirmed not_confirmed

What goes wrong with an addon that is asked is in libs.addons.errors.
"""

from __future__ import annotations

from libs.common.errors import Conflict, InvalidInput, NotFound


class NotAUrl(InvalidInput):
    code = "not_a_url"
    title = "Not an addon address"


class AddressRefused(InvalidInput):
    """The address somebody gave; where an addon of a list leads there, it is AddonAddressRefused."""

    code = "addon_address_refused"
    title = "Address refused"


class NotAnAddon(InvalidInput):
    code = "not_an_addon"
    title = "Not a Stremio addon"


class NotAProvider(InvalidInput):
    code = "not_a_provider"
    title = "No panel or list at this address"


class ProviderRefused(InvalidInput):
    code = "provider_refused"
    title = "The provider refuses this account"


class OrderMismatch(InvalidInput):
    code = "order_mismatch"
    title = "The order does not name exactly what is there"


class AddonNotFound(NotFound):
    code = "addon_not_found"
    title = "No such addon"


class CatalogNotFound(NotFound):
    code = "catalog_not_found"
    title = "No such catalog"


class TitleNotFound(NotFound):
    code = "title_not_found"
    title = "No addon knows this title"


class RatingNotFound(NotFound):
    code = "rating_not_found"
    title = "No rating is known"


class NotFoundBySearch(NotFound):
    code = "not_found_by_search"
    title = "The search does not find this entry"


class TitleChoiceNotFound(NotFound):
    code = "title_choice_not_found"
    title = "No such choice"


class ProviderNotFound(NotFound):
    code = "provider_not_found"
    title = "No such account at a provider"


class ItemNotFound(NotFound):
    """A channel, film, series, episode or category of the library."""

    code = "library_item_not_found"
    title = "Nothing of your library has this id"


class AddonExists(Conflict):
    code = "addon_exists"
    title = "Addon already added"


class ProviderExists(Conflict):
    code = "provider_exists"
    title = "Account already added"


class TooManyProviders(Conflict):
    code = "too_many_providers"
    title = "Too many accounts at providers"


class TooManyAddons(Conflict):
    code = "too_many_addons"
    title = "Too many addons"


class TooManyTitleChoices(Conflict):
    code = "too_many_title_choices"
    title = "Too many choices"


class TooManyMergedRows(Conflict):
    code = "too_many_merged_rows"
    title = "Too many merged rows"


class NotToMerge(Conflict):
    code = "not_to_merge"
    title = "These rows can't be merged"


class NotOfThisRow(Conflict):
    code = "not_of_this_row"
    title = "Not for a row of this kind"


class TooManyMatchChoices(Conflict):
    code = "too_many_match_choices"
    title = "Too many decisions"


class ChangedMeanwhile(Conflict):
    code = "changed_meanwhile"
    title = "Changed at the same time"


class OneEntry(Conflict):
    code = "one_entry"
    title = "Two entries are needed"


class BuiltinAddon(Conflict):
    code = "builtin_addon"
    title = "Built-in addon"


class RowsUnreadable(InvalidInput):
    code = "imdb_rows_unreadable"
    title = "The rows of the data set can't be read"


class StagingTaken(Conflict):
    code = "imdb_staging_taken"
    title = "Another import of the data set has begun"


class RowTwice(Conflict):
    code = "imdb_row_twice"
    title = "The data set holds a row twice"


class NothingToKeep(Conflict):
    code = "imdb_nothing_to_keep"
    title = "The data set holds nothing that can be kept"


class WouldRemoveTooMuch(Conflict):
    code = "imdb_would_remove_too_much"
    title = "The new data set would remove too much"


class LibraryRowsUnreadable(InvalidInput):
    code = "library_rows_unreadable"
    title = "The rows of the library can't be read"


class NotConfirmed(Conflict):
    code = "not_confirmed"
    title = "Write the account's name out to confirm"


class RunEnded(Conflict):
    code = "run_ended"
    title = "Another run of this account has begun"


class LibraryWouldShrink(Conflict):
    code = "would_remove_too_much"
    title = "The run would remove too much"
