--- What the server cannot see and is told: what is drawn, what part is taken, where the
--- cursor rests. The notifications have the names of GitHub Copilot's.

local M = {}

---@type table<integer, table> The part last accepted, by buffer, until the server has the edit.
local parts = {}

--- An item as the server sent it, as far as it looks at it.
---@param command lsp.Command
---@param text string
---@return table
local function item_of(command, text)
  return { insertText = text, command = command }
end

--- An item is on screen.
---@param client vim.lsp.Client
---@param item lsp.InlineCompletionItem
function M.shown(client, item)
  if item.command then
    client:notify('textDocument/didShowCompletion', { item = item })
  end
end

--- A part of an item is about to be inserted.
---@param client_id integer
---@param bufnr integer
---@param item vim.lsp.inline_completion.Item As it came.
---@param accepted string What will stand in the buffer of it.
function M.part(client_id, bufnr, item, accepted)
  if item.command then
    parts[bufnr] = {
      client_id = client_id,
      params = {
        item = item_of(item.command, item.insert_text --[[@as string]]),
        acceptedLength = vim.str_utfindex(accepted, 'utf-16'),
      },
    }
  end
end

--- The server has been sent an edit: now it can place the part that came with it.
---@param client_id integer
---@param params lsp.DidChangeTextDocumentParams
function M.changed(client_id, params)
  local bufnr = vim.uri_to_bufnr(params.textDocument.uri)
  local part = parts[bufnr]
  if part and part.client_id == client_id then
    parts[bufnr] = nil
    local client = vim.lsp.get_client_by_id(client_id)
    if client then
      client:notify('textDocument/didPartiallyAcceptCompletion', part.params)
    end
  end
end

--- The user looks at a buffer, and the cursor rests there.
---@param client vim.lsp.Client
function M.focused(client)
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  client:notify('textDocument/didFocus', params)
end

return M
